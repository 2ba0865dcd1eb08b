/** The colours and the type of the page, as its tokens say them now: light or dark, normal or large. */
export type Look = { ink: string; faint: string; line: string; sheet: string; font: string; size: number; tones: Record<string, string> };

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
  };
}

/** The colour of a tone, or the one that is next when none is named. */
export function colourOf(look: Look, tone: string, number: number): string {
  return look.tones[tone] ?? look.tones[TONES[number % TONES.length] ?? "indigo"] ?? look.ink;
}
