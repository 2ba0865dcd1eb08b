/** Pictures of charts. The server draws the table; here it becomes a picture, in the colours of the page. */
import { BarChart, HeatmapChart, LineChart, SankeyChart } from "echarts/charts";
import { GridComponent, LegendComponent, TitleComponent, TooltipComponent, VisualMapComponent } from "echarts/components";
import { init, use, type ECharts } from "echarts/core";
import { SVGRenderer } from "echarts/renderers";

import { heightOf, optionOf, type Payload } from "./options";
import { readLook } from "./look";

use([
  BarChart, HeatmapChart, LineChart, SankeyChart, GridComponent, LegendComponent, TitleComponent, TooltipComponent,
  VisualMapComponent, SVGRenderer,
]);

type Drawn = { figure: HTMLElement; place: HTMLElement; payload: Payload; chart: ECharts };
const drawn = new Map<HTMLElement, Drawn>();
/** What a sheet of A4 has room for, in CSS pixels: pictures are drawn anew at this width before printing. */
const PAPER = 680;

function payloadOf(figure: HTMLElement): Payload | null {
  const script = figure.querySelector<HTMLScriptElement>("script[type='application/json']");
  return script?.textContent ? (JSON.parse(script.textContent) as Payload) : null;
}

function show(figure: HTMLElement, what: string): void {
  figure.dataset["shows"] = what;
  for (const button of figure.querySelectorAll<HTMLButtonElement>("button[data-chart-show]")) {
    button.hidden = false;
    button.setAttribute("aria-pressed", String(button.dataset["chartShow"] === what));
  }
  const one = drawn.get(figure);
  if (what === "picture" && one) paint(one);
}

function paint(one: Drawn, width?: number): void {
  const look = readLook(one.place);
  const wide = width ?? one.place.clientWidth;
  one.place.style.height = `${heightOf(one.payload, look.size)}px`;
  one.chart.resize(width ? { width } : undefined);
  one.chart.setOption(optionOf(one.payload, look, wide), { notMerge: true });
}

function draw(figure: HTMLElement): void {
  const place = figure.querySelector<HTMLElement>("[data-chart-picture]");
  const payload = payloadOf(figure);
  if (drawn.has(figure) || !place || !payload) return;
  place.hidden = false;
  figure.dataset["shows"] = "picture";
  place.style.height = `${heightOf(payload, readLook(place).size)}px`;
  const chart = init(place, null, { renderer: "svg" });
  const one = { figure, place, payload, chart };
  drawn.set(figure, one);
  chart.on("click", (event) => {
    const href = (event.data as { href?: string } | null)?.href;
    if (href) location.assign(href);
  });
  show(figure, "picture");
  new ResizeObserver(() => {
    if (place.clientWidth > 0 && place.clientWidth !== chart.getWidth()) paint(one);
  }).observe(place);
}

function drawAll(root: ParentNode): void {
  for (const figure of drawn.keys()) {
    if (!figure.isConnected) {
      drawn.get(figure)?.chart.dispose();
      drawn.delete(figure);
    }
  }
  for (const figure of root.querySelectorAll<HTMLElement>("figure[data-chart]")) draw(figure);
}

document.addEventListener("click", (event) => {
  const button = (event.target as Element).closest<HTMLButtonElement>("button[data-chart-show]");
  const figure = button?.closest<HTMLElement>("figure[data-chart]");
  if (button && figure) show(figure, button.dataset["chartShow"] ?? "picture");
});
const again = (): void => drawn.forEach((one) => paint(one));
new MutationObserver(again).observe(document.documentElement, { attributeFilter: ["data-theme", "data-type"] });
matchMedia("(prefers-color-scheme: dark)").addEventListener("change", again);
addEventListener("beforeprint", () => drawn.forEach((one) => paint(one, PAPER)));
addEventListener("afterprint", again);
document.addEventListener("htmx:load", (event) => drawAll(event.target as HTMLElement));
drawAll(document);
