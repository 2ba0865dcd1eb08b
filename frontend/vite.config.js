import { existsSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { defineConfig } from "vite";

const here = (path) => fileURLToPath(new URL(path, import.meta.url));

/** One SVG file with the icons named in icons.json, so that pages carry only what they use. */
function iconSprite() {
  return {
    name: "icon-sprite",
    generateBundle() {
      const names = JSON.parse(readFileSync(here("./icons.json"), "utf8"));
      const symbols = names.map((name) => {
        const svg = readFileSync(here(`./node_modules/@tabler/icons/icons/outline/${name}.svg`), "utf8");
        const body = svg.slice(svg.indexOf(">", svg.indexOf("<svg")) + 1, svg.lastIndexOf("</svg>"));
        return `<symbol id="${name}" viewBox="0 0 24 24">${body.replace(/\s*\n\s*/g, "")}</symbol>`;
      });
      const source = `<svg xmlns="http://www.w3.org/2000/svg">${symbols.join("\n")}</svg>\n`;
      this.emitFile({ type: "asset", fileName: "icons.svg", source });
      this.emitFile({ type: "asset", fileName: "icon.svg", source: readFileSync(here("./shared/icon.svg"), "utf8") });
    },
  };
}

/** Of Tabler we take the ground and the parts named here; the rest would be four fifths of the style sheet. */
const KEPT = /^(btn|form|input|card|table|row|col|g|gx|gy|d|flex|align|justify|gap|m|mt|mb|ms|me|mx|my|p|pt|pb|ps|pe|px|py|text|fw|w|h|visually|datagrid|list|is)(-|$)/;

function onlyOurParts() {
  const wanted = (selector) => (selector.match(/\.[\w-]+/g) ?? []).every((name) => KEPT.test(name.slice(1)));
  return {
    postcssPlugin: "only-our-parts",
    OnceExit(root) {
      root.walkAtRules("layer", (layer) => {
        if (layer.params !== "tabler" || !layer.nodes) return;
        layer.walkRules((rule) => {
          if (rule.parent.type === "atrule" && rule.parent.name.endsWith("keyframes")) return;
          const kept = rule.selectors.filter(wanted);
          if (kept.length === 0) rule.remove();
          else if (kept.length < rule.selectors.length) rule.selectors = kept;
        });
        layer.walkAtRules((inner) => {
          if (inner.nodes?.length === 0) inner.remove();
        });
      });
    },
  };
}

const entries = {
  look: "shared/styles.css",
  desk: "desk/main.ts",
  portal: "portal/main.ts",
  public: "public/main.ts",
  verify: "public/verify/main.ts",
  charts: "charts/main.ts",
  maps: "maps/main.ts",
  tokens: "public/tokens/main.ts",
  "tokens-worker": "public/tokens/worker.ts",
};
const input = Object.fromEntries(
  Object.entries(entries)
    .map(([name, path]) => [name, here(`./${path}`)])
    .filter(([, path]) => existsSync(path)),
);

// Names are fixed: Django's storage adds the hash of the content when it collects static files.
export default defineConfig({
  publicDir: false,
  base: "./",
  plugins: [iconSprite()],
  css: { postcss: { plugins: [onlyOurParts()] } },
  build: {
    outDir: here("../src/yicha/doors/static"),
    emptyOutDir: true,
    target: "es2022",
    modulePreload: false,
    rollupOptions: {
      input,
      // htmx carries an eval that our configuration and the pages' policy both forbid.
      onwarn: (warning, warn) => warning.code === "EVAL" || warn(warning),
      output: {
        entryFileNames: "[name].js",
        chunkFileNames: "shared-[name].js",
        assetFileNames: "[name][extname]",
      },
    },
  },
});
