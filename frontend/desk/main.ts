import "./desk.css";
import "./visits.css";
import "./gate.css";
import "./models.css";
import "./calendar.css";

import htmx from "htmx.org";

import { watchConfirming } from "../shared/confirm";
import { watchCopying } from "../shared/copy";
import { watchLook } from "../shared/look";
import { watchMenus } from "../shared/menus";
import { watchCalendar } from "./calendar";
import { dressSelects } from "./chooser";
import { showViews, watchLists } from "./lists";
import { watchSecrets } from "./secrets";
import { watchSources } from "./source";

// The policy of the pages allows neither eval nor inline styles.
htmx.config.allowEval = false;
htmx.config.includeIndicatorStyles = false;
htmx.config.selfRequestsOnly = true;
htmx.config.responseHandling = [
  { code: "204", swap: false },
  { code: "[23]..", swap: true },
  { code: "[45]..", swap: true, error: true },
];

document.addEventListener("htmx:configRequest", (event) => {
  const token = document.querySelector<HTMLMetaElement>("meta[name=csrf-token]")?.content;
  const detail = (event as CustomEvent<{ headers: Record<string, string> }>).detail;
  if (token) detail.headers["X-CSRFToken"] = token;
});

watchCopying();
watchLook();
watchMenus();
watchConfirming();
watchLists();
watchSecrets();
watchSources();
watchCalendar();
dressSelects(document);
document.addEventListener("htmx:load", (event) => {
  dressSelects(event.target as HTMLElement);
  showViews();
});

// After a refusal the reader and the keyboard begin at the summary of what is wrong.
document.querySelector<HTMLElement>("[data-focus-first]")?.focus();
