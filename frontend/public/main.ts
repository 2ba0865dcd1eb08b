import "./public.css";
import "./results.css";

import { watchCopying } from "../shared/copy";
import { watchLook } from "../shared/look";
import { watchMenus } from "../shared/menus";

watchCopying();
watchLook();
watchMenus();
