/** The visits of a day on a map. The server draws the table; without tiles the ground is plain and districts are named. */
import "leaflet/dist/leaflet.css";
import "./maps.css";

import { control, divIcon, latLngBounds, map as makeMap, marker, polyline, tileLayer, tooltip, type Marker } from "leaflet";

type Visit = { number: number; name: string; part: string; url: string };
type Place = { lat: number; lon: number; rough: boolean; area: number; visits: Visit[] };
type Payload = {
  places: Place[];
  districts: { name: string; lat: number; lon: number; area: number }[];
  route: [number, number][];
  tiles: string;
  attribution: string;
  words: { rough: string; more: string; in: string; out: string };
};

function popupOf(place: Place, words: Payload["words"]): HTMLElement {
  const box = document.createElement("div");
  if (place.rough) {
    const note = document.createElement("p");
    note.textContent = words.rough;
    box.append(note);
  }
  const list = document.createElement("ul");
  for (const visit of place.visits) {
    const line = document.createElement("li");
    const link = document.createElement("a");
    link.href = visit.url;
    link.textContent = `${visit.number} ${visit.name}`;
    line.append(link, ` ${visit.part}`);
    list.append(line);
  }
  box.append(list);
  return box;
}

function nameOf(place: Place, words: Payload["words"]): string {
  const first = place.visits[0];
  if (!first) return "";
  const told = place.visits.length > 1 ? words.more.replace("%(count)s", String(place.visits.length)) : `${first.number} ${first.name}`;
  return place.rough ? `${told} (${words.rough})` : told;
}

function draw(box: HTMLElement, payload: Payload): void {
  const drawn = makeMap(box, { zoomControl: false, attributionControl: false, scrollWheelZoom: false, zoomAnimation: false });
  control.zoom({ zoomInTitle: payload.words.in, zoomOutTitle: payload.words.out }).addTo(drawn);
  control.scale({ imperial: false }).addTo(drawn);
  if (payload.tiles) {
    tileLayer(payload.tiles, { maxZoom: 18 }).addTo(drawn);
    if (payload.attribution) control.attribution({ prefix: false }).addAttribution(escaped(payload.attribution)).addTo(drawn);
  }
  // Below the pins: a name may be half covered, a visit may not.
  drawn.createPane("districts");
  for (const district of payload.districts) {
    tooltip({ pane: "districts", opacity: 1, permanent: true, direction: "top", offset: [0, -14], className: `map-district is-area-${district.area}` })
      .setLatLng([district.lat, district.lon]).setContent(escaped(district.name)).addTo(drawn);
  }
  if (payload.route.length > 1) {
    polyline(payload.route, { className: "map-route", weight: 2, dashArray: "4 6", interactive: false }).addTo(drawn);
  }
  const spots: [number, number][] = [];
  const pins = new Map<number, Marker>();
  for (const place of payload.places) {
    spots.push([place.lat, place.lon]);
    const label = place.visits.length > 1 ? `${place.visits.length}×` : String(place.visits[0]?.number ?? "");
    const icon = divIcon({ className: "map-pin", html: `<span class="map-mark is-area-${place.area}${place.rough ? " is-rough" : ""}">${label}</span>`, iconSize: [26, 26] });
    const pin = marker([place.lat, place.lon], { icon, riseOnHover: true }).bindPopup(popupOf(place, payload.words));
    // Its element is there only once the map knows what it shows.
    pin.on("add", () => pin.getElement()?.setAttribute("aria-label", nameOf(place, payload.words)));
    pin.addTo(drawn);
    for (const visit of place.visits) pins.set(visit.number, pin);
  }
  for (const district of payload.districts) spots.push([district.lat, district.lon]);
  const all = latLngBounds(spots).pad(0.2);
  let touched = false;
  drawn.fitBounds(all, { maxZoom: 13, animate: false });
  // The list beside the map leads to its pins; without a script, to the rows of the table.
  for (const link of box.parentElement?.querySelectorAll<HTMLElement>("[data-stop]") ?? []) {
    const pin = pins.get(Number(link.dataset["stop"]));
    link.addEventListener("click", (event) => {
      if (!pin) return;
      event.preventDefault();
      touched = true;
      drawn.setView(pin.getLatLng(), Math.max(drawn.getZoom(), 13), { animate: false });
      pin.openPopup();
      pin.getElement()?.focus({ preventScroll: true });
    });
  }
  box.addEventListener("pointerdown", () => (touched = true));
  box.addEventListener("keydown", (event) => {
    touched = true;
    if (event.key === "Escape") drawn.closePopup();
  });
  // A turned phone or a wider window shows all places again, unless somebody has moved the map.
  new ResizeObserver(() => {
    drawn.invalidateSize({ animate: false });
    if (!touched) drawn.fitBounds(all, { maxZoom: 13, animate: false });
  }).observe(box);
}

function escaped(text: string): string {
  const box = document.createElement("span");
  box.textContent = text;
  return box.innerHTML;
}

for (const box of document.querySelectorAll<HTMLElement>("[data-map]")) {
  const script = box.closest(".map-sheet")?.querySelector<HTMLScriptElement>("script[type='application/json']");
  if (script?.textContent) draw(box, JSON.parse(script.textContent) as Payload);
}
