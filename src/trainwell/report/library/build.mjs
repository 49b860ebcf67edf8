// Makes `plane.min.js.gz`, `solid.min.js.gz` and `LICENSES.txt`: plotly.js with only the traces that are drawn here,
// and without the controls that pages do not use.
//
//     cd "$(mktemp -d)" && npm init -y && npm install --ignore-scripts plotly.js@4.1.1 esbuild@0.28.2
//     cp …/report/library/build.mjs . && node build.mjs      # and `zopfli`, from the system's packages
//
// The version is that of the plotly.js inside the Python package `plotly`. Then `bundles.py` needs the new checksums,
// which are printed.
import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { build } from "esbuild";

const BUNDLES = { plane: ["bar", "contour"], solid: ["bar", "contour", "scatter3d", "surface"] };  // scatter is in all
const UNUSED = /^ *require\('\.\/components\/(grid|images|rangeselector|rangeslider|sliders|updatemenus)'\),\n/gm;
const withoutUnused = {
  name: "without unused controls",
  setup: ({ onLoad }) => onLoad({ filter: /plotly\.js.src.core\.js$/ }, ({ path }) => {
    const text = readFileSync(path, "utf8"), contents = text.replace(UNUSED, "");
    if (text.match(UNUSED).length !== 6) throw new Error("the list of components in core.js is another");
    return { contents };
  }),
};
const about = (name) => JSON.parse(readFileSync(`node_modules/${name}/package.json`, "utf8"));
const { version } = about("plotly.js");
const used = new Set();

for (const [name, traces] of Object.entries(BUNDLES)) {
  const listed = traces.map((trace) => `require("plotly.js/lib/${trace}")`).join(", ");
  const { metafile } = await build({
    stdin: {
      contents: `module.exports = require("plotly.js/lib/core"); module.exports.register([${listed}]);`,
      resolveDir: ".",
    },
    plugins: [withoutUnused], bundle: true, minify: true, metafile: true, outfile: `${name}.min.js`, target: "es2020", legalComments: "none",
    format: "iife", globalName: "Plotly", alias: { regl: "@plotly/regl" },
    define: { global: "window", "define.amd": "false", "process.env.NODE_DEBUG": "false" },
    banner: { js: `/* plotly.js v${version} (scatter, ${traces.join(", ")}), Copyright Plotly, Inc., MIT licence */` },
  });
  for (const [path, { bytesInOutput }] of Object.entries(metafile.outputs[`${name}.min.js`].inputs)) {
    const [scope, part] = path.split("node_modules/").pop().split("/");
    if (bytesInOutput && path.includes("node_modules/")) used.add(scope.startsWith("@") ? `${scope}/${part}` : scope);
  }
  execFileSync("zopfli", ["--i15", `${name}.min.js`]);
  console.log(name, createHash("sha256").update(readFileSync(`${name}.min.js`)).digest("hex"));
}

const licences = [...used].sort().map((name) => {
  const { version: its, license, author } = about(name);
  const file = readdirSync(`node_modules/${name}`).find((one) => /^licen[cs]e/i.test(one));
  const who = typeof author === "string" ? author : author?.name ?? "its authors";
  const text = file ? readFileSync(`node_modules/${name}/${file}`, "utf8") : `${license} licence. Copyright ${who}.`;
  return `${name} ${its}\n\n${text.trim()}\n`;
});
writeFileSync("LICENSES.txt", licences.join(`\n${"-".repeat(80)}\n\n`));
