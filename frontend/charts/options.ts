/** From what the server says to what ECharts draws. */
import type { EChartsCoreOption } from "echarts/core";

import { colourOf, contrast, mixed, type Look } from "./look";

type Series = { label: string; values: (number | null)[]; tone: string; hrefs: string[] };
type Flow = { source: string; target: string; count: number; stage: number; href: string };
type Rows = { kind: "bar" | "line"; categories: string[]; unit: string; series: Series[]; stacked?: boolean };
type Heat = { kind: "heat"; rows: string[]; columns: string[]; values: (number | null)[][]; unit: string; tone: string };
type Sankey = { kind: "sankey"; stages: string[]; unit: string; tones: Record<string, string>; flows: Flow[] };
export type Payload = Rows | Heat | Sankey;

const figure = new Intl.NumberFormat("en-US");

export function heightOf(payload: Payload, size: number): number {
  const row = size * 2.2;
  if (payload.kind === "bar") return 70 + Math.round(payload.categories.length * row * (payload.stacked ? 1 : Math.max(1, payload.series.length * 0.7)));
  if (payload.kind === "heat") return 90 + Math.round(payload.rows.length * row);
  return payload.kind === "sankey" ? 340 : 280;
}

export function optionOf(payload: Payload, look: Look, width: number): EChartsCoreOption {
  const base = {
    animation: false,
    textStyle: { fontFamily: look.font, fontSize: look.size, color: look.ink },
    // Drawn as SVG: a tooltip of HTML would need inline styles, which the pages' policy forbids.
    tooltip: {
      renderMode: "richText",
      confine: true,
      backgroundColor: look.sheet,
      borderColor: look.line,
      textStyle: { color: look.ink, fontFamily: look.font, fontSize: look.size },
      formatter: (point: unknown) => wordsOf(payload, point),
    },
  };
  if (payload.kind === "sankey") return { ...base, ...sankeyOf(payload, look, width) };
  if (payload.kind === "heat") return { ...base, ...heatOf(payload, look, width) };
  return { ...base, ...rowsOf(payload, look, width) };
}

type Point = { seriesName?: string; name?: string; value?: unknown; data?: Record<string, unknown>; dataType?: string };

function wordsOf(payload: Payload, point: unknown): string {
  const one = point as Point;
  const unit = payload.unit ? ` ${payload.unit}` : "";
  if (payload.kind === "heat") {
    const [column, row, value] = (one.value ?? []) as number[];
    return `${payload.rows[row ?? 0]} · ${payload.columns[column ?? 0]}: ${figure.format(value ?? 0)}${unit}`;
  }
  if (payload.kind === "sankey") {
    if (one.dataType === "edge") return `${labelOf(one.data?.["source"])} → ${labelOf(one.data?.["target"])}: ${figure.format(Number(one.value))}${unit}`;
    return `${labelOf(one.name)}: ${figure.format(Number(one.value))}${unit}`;
  }
  return `${one.name} · ${one.seriesName}: ${one.value === null ? "—" : figure.format(Number(one.value))}${unit}`;
}

function labelOf(id: unknown): string {
  return String(id ?? "").replace(/^\d+:/, "");
}

/** Room that a label takes, in widths of a Chinese character: Latin letters and figures take about half. */
function lengthOf(label: string): number {
  return [...label].reduce((sum, one) => sum + (one.codePointAt(0)! < 0x2e80 ? 0.56 : 1), 0);
}

/** A label that has no room keeps its first two characters and its end: agencies of a region begin alike, those of a kind end alike. */
function shorten(label: string, room: number): string {
  if (lengthOf(label) <= room) return label;
  const [first, second, ...rest] = [...label];
  while (rest.length && lengthOf(rest.join("")) > room - 3) rest.shift();
  return `${first}${second}…${rest.join("")}`;
}

function axis(look: Look, labels: string[], room: number): Record<string, unknown> {
  return {
    type: "category",
    data: labels,
    axisLine: { lineStyle: { color: look.line } },
    axisTick: { show: false },
    axisLabel: { color: look.ink, fontSize: look.size, fontFamily: look.font, width: room, overflow: "truncate", formatter: (label: string) => shorten(label, room / look.size) },
  };
}

function scale(look: Look): Record<string, unknown> {
  return {
    type: "value",
    minInterval: 1,
    splitLine: { lineStyle: { color: look.line } },
    axisLabel: { color: look.faint, fontSize: look.size, fontFamily: look.font, formatter: (value: number) => figure.format(value), hideOverlap: true },
  };
}

function rowsOf(payload: Rows, look: Look, width: number): EChartsCoreOption {
  const isBar = payload.kind === "bar";
  const longest = Math.max(2, ...payload.categories.map(lengthOf));
  const room = Math.min(width * 0.34, longest * look.size + 8);
  const across = { ...axis(look, payload.categories, isBar ? room : width), ...(isBar ? { inverse: true } : { boundaryGap: false }) };
  return {
    legend: { type: "scroll", top: 0, left: 0, icon: "roundRect", itemHeight: 10, itemWidth: 14, textStyle: { color: look.ink, fontSize: look.size }, show: payload.series.length > 1 },
    grid: { left: isBar ? room + 12 : 12, right: 24, top: payload.series.length > 1 ? 34 : 8, bottom: 28, outerBoundsMode: "none", ...(isBar ? {} : { left: 56 }) },
    ...(isBar ? { yAxis: across, xAxis: scale(look) } : { xAxis: across, yAxis: scale(look) }),
    series: payload.series.map((one, number) => ({
      type: payload.kind,
      name: one.label,
      ...(payload.stacked ? { stack: "all" } : {}),
      barMaxWidth: look.size * 1.5,
      symbolSize: 6,
      itemStyle: { color: colourOf(look, one.tone, number), borderColor: look.sheet, borderWidth: isBar ? 1 : 0 },
      lineStyle: { color: colourOf(look, one.tone, number), width: 2 },
      cursor: one.hrefs.length > 0 ? "pointer" : "default",
      emphasis: { focus: "series" },
      data: one.values.map((value, at) => ({ value, href: one.hrefs[at] ?? "" })),
    })),
  };
}

/** The figure of a field of a heat map; of nothing, nothing: a year of noughts would hide what there is. */
function figureOf(point: unknown): string {
  const [, , value] = point as [number, number, number];
  return value ? figure.format(value) : "";
}

function heatOf(payload: Heat, look: Look, width: number): EChartsCoreOption {
  const most = Math.max(1, ...payload.values.flat().map((value) => value ?? 0));
  // A figure is read on its field: on the strong ones in the other colour.
  const tone = colourOf(look, payload.tone, 0);
  const onStrong = { label: { color: look.onIndigo, fontWeight: "bold" } };
  const isStrong = (value: number): boolean => {
    const ground = mixed(look.sheet, tone, value / most);
    return contrast(ground, mixed(look.onIndigo, look.onIndigo, 0)) > contrast(ground, mixed(look.ink, look.ink, 0));
  };
  const points = payload.values.flatMap((row, y) =>
    row.map((value, x) => ({ value: [x, y, value ?? 0], ...(isStrong(value ?? 0) ? onStrong : {}) })),
  );
  const longest = Math.max(2, ...payload.rows.map(lengthOf));
  const room = Math.min(width * 0.34, longest * look.size + 8);
  return {
    grid: { left: room + 12, right: 16, top: 8, bottom: 74, outerBoundsMode: "none" },
    xAxis: axis(look, payload.columns, 80),
    yAxis: { ...axis(look, payload.rows, room), inverse: true },
    visualMap: {
      min: 0, max: most, calculable: false, orient: "horizontal", left: "center", bottom: 0, itemHeight: 120, itemWidth: 12,
      inRange: { color: [look.sheet, tone] },
      textStyle: { color: look.faint, fontSize: look.size }, text: [figure.format(most), "0"],
    },
    series: [{ type: "heatmap", data: points, itemStyle: { borderColor: look.line, borderWidth: 1 }, label: { show: payload.columns.length <= 14 && width > 500, formatter: (point: { value: unknown }) => figureOf(point.value), color: look.ink, fontSize: look.size } }],
  };
}

function sankeyOf(payload: Sankey, look: Look, width: number): EChartsCoreOption {
  const last = payload.stages.length - 1;
  // Where stages stand close, a node says its name alone and a day its month and day; the table has the rest.
  const isTight = width / Math.max(1, last) < 160;
  // Where they stand a little wider, figures go below the names on both sides of the last gap: else their labels meet.
  const isNarrow = !isTight && last > 1 && width / last < 240;
  const total = payload.flows.reduce((sum, flow) => sum + (flow.stage === 0 ? flow.count : 0), 0);
  const gapOf = (point: { name: string; value: number }): string => {
    const stage = Number.parseInt(point.name, 10);
    const isTall = stage === last || (stage === last - 1 && point.value > total * 0.15);
    return isNarrow && isTall && lengthOf(labelOf(point.name)) > 2 ? "\n" : "  ";
  };
  const nodes = new Map<string, Record<string, unknown>>();
  const add = (stage: number, label: string): string => {
    const name = `${stage}:${label}`;
    if (!nodes.has(name)) {
      const tone = payload.tones[label] ?? "slate";
      nodes.set(name, { name, depth: stage, itemStyle: { color: colourOf(look, tone, 0) }, label: { position: stage === last ? "left" : "right" } });
    }
    return name;
  };
  const links = payload.flows.map((flow) => ({
    source: add(flow.stage, flow.source), target: add(flow.stage + 1, flow.target), value: flow.count, href: flow.href,
  }));
  const sorted = [...nodes.values()].sort((a, b) => String(a["name"]).localeCompare(String(b["name"])));
  return {
    title: payload.stages.map((text, stage) => ({
      text: isTight ? text.replace(/^\d{4}-(?=\d\d-\d\d$)/, "") : text,
      top: 0,
      left: stage === last ? "auto" : `${(100 * stage) / last}%`,
      right: stage === last ? 0 : "auto",
      textAlign: stage === 0 || stage === last ? "auto" : "center",
      padding: 0,
      textStyle: { color: look.faint, fontSize: look.size, fontWeight: "normal" },
    })),
    series: [{
      type: "sankey", left: 4, right: 4, top: 26, bottom: 8, nodeWidth: width < 500 ? 14 : 20, nodeGap: 14, draggable: false, layoutIterations: 0,
      data: sorted, links,
      label: { color: look.ink, fontSize: look.size, fontFamily: look.font, textBorderColor: look.sheet, textBorderWidth: 3, formatter: (point: { name: string; value: number }) => isTight ? labelOf(point.name) : `${labelOf(point.name)}${gapOf(point)}${figure.format(point.value)}` },
      lineStyle: { color: "source", opacity: 0.32, curveness: 0.5 },
      emphasis: { focus: "adjacency" },
    }],
  };
}
