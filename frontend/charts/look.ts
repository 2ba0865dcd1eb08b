/** The colours and the type of the page, as its tokens say them now: light or dark, normal or large. */
export type Look = { ink: string; faint: string; line: string; sheet: string; font: string; size: number; tones: Record<string, string>; onIndigo: string };

const TONES = ["indigo", "jade", "amber", "violet", "seal", "slate"] as const;

export function readLook(place: HTMLElement): Look {
  const style = getComputedStyle(place);
  const token = (name: string): string => style.getPropertyValue(`--${name}`).trim();
  const root = parseFloat(getComputedStyle(document.documentElement).fontSize) || 16;
  return {
    ink: token("ink"),
    faint: token("faint"),
    line: token("line"),
    sheet: token("sheet"),
    font: token("sans"),
    size: Math.round(root * 0.8125),
    tones: Object.fromEntries(TONES.map((name) => [name, token(name)])),
    onIndigo: token("on-indigo"),
  };
}

/** The colour of a tone, or the one that is next when none is named. */
export function colourOf(look: Look, tone: string, number: number): string {
  return look.tones[tone] ?? look.tones[TONES[number % TONES.length] ?? "indigo"] ?? look.ink;
}

/** Red, green or blue of `#rrggbb`, or of `#rgb` as the build shortens it. */
function channelOf(colour: string, at: number): number {
  const digits = colour.length < 7 ? (colour[1 + at] ?? "0").repeat(2) : colour.slice(1 + 2 * at, 3 + 2 * at);
  return parseInt(digits, 16) / 255;
}

/** How bright a colour is that lies between two at a share of the way: WCAG's relative luminance. */
export function mixed(from: string, to: string, share: number): number {
  const weights = [0.2126, 0.7152, 0.0722];
  return weights.reduce((sum, weight, at) => {
    const [one, other] = [from, to].map((colour) => channelOf(colour, at));
    const channel = (one ?? 0) + ((other ?? 0) - (one ?? 0)) * share;
    return sum + weight * (channel <= 0.04045 ? channel / 12.92 : ((channel + 0.055) / 1.055) ** 2.4);
  }, 0);
}

/** The contrast of two brightnesses, from 1 to 21. */
export function contrast(one: number, other: number): number {
  return (Math.max(one, other) + 0.05) / (Math.min(one, other) + 0.05);
}
