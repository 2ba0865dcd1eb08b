import "./portal.css";

import { watchConfirming } from "../shared/confirm";
import { watchCopying } from "../shared/copy";
import { watchLook } from "../shared/look";
import { watchMenus } from "../shared/menus";

watchCopying();
watchLook();
watchMenus();
watchConfirming();
document.querySelector<HTMLElement>("[data-focus-first]")?.focus();
