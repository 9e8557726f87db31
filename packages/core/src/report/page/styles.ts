/** The page's style sheet: light and dark, narrow and wide, screen and paper. */

export const styles = `
:root {
  --paper: #fbfaf7; --card: #ffffff; --ink: #20262b; --quiet: #5d666d; --line: #e0ddd5; --rail: #eceae3;
  --accent: #0f6b6b; --own: #0f6b6b; --good: #1d6b3c; --good-soft: #e0f0e4; --even: #7a5300; --even-soft: #f8ecd0;
  --bad: #a02c2c; --bad-soft: #f8e2df; --wrong: #b3441f; --on-hue: #fff;
  --c0: #0f6b6b; --c1: #5560c9; --c2: #a96a00; --c3: #b0347f; --c4: #56717f; --c5: #4f7a12;
}
@media (prefers-color-scheme: dark) {
  :root {
    --paper: #15191c; --card: #1c2226; --ink: #e5e2db; --quiet: #a0a8ad; --line: #323a40; --rail: #2a3136;
    --accent: #6cc9bf; --own: #6cc9bf; --good: #8fd4a4; --good-soft: #1e3527; --even: #e9c46a; --even-soft: #3a3018;
    --bad: #f0a199; --bad-soft: #432422; --wrong: #e2805a; --on-hue: #0d1214;
    --c0: #6cc9bf; --c1: #9aa5f5; --c2: #e3b04b; --c3: #ec8bc2; --c4: #a3bccb; --c5: #aecb6a;
  }
}
* { box-sizing: border-box; }
html { scroll-behavior: smooth; scroll-padding-top: 3.5rem; -webkit-text-size-adjust: 100%; }
@media (prefers-reduced-motion: reduce) { html { scroll-behavior: auto; } }
body {
  margin: 0; background: var(--paper); color: var(--ink);
  font: 16px/1.55 system-ui, -apple-system, "Segoe UI", Roboto, "Noto Sans", "Helvetica Neue", Arial, sans-serif;
  font-variant-numeric: tabular-nums; overflow-wrap: break-word;
}
main { max-width: 70rem; margin: 0 auto; padding: 0 1.25rem 5rem; width: 100%; outline: 0; }
nav { position: sticky; top: 0; z-index: 2; background: var(--paper); border-bottom: 1px solid var(--line); font-size: .875rem; }
nav ol { list-style: none; margin: 0; padding: 0; }
nav > ol { display: flex; gap: .25rem; overflow-x: auto; padding: .4rem .75rem; white-space: nowrap; scrollbar-width: thin; }
nav li > ol { display: none; }
nav a { display: block; padding: .25rem .5rem; border-radius: 6px; color: var(--quiet); }
nav a:hover, nav .here > a { color: var(--ink); background: var(--rail); text-decoration: none; }
.skip { position: absolute; left: .5rem; top: -4rem; z-index: 3; padding: .5rem .75rem; background: var(--card); }
.skip:focus { top: .5rem; }
@media screen and (min-width: 80rem) {
  body:has(> nav) { display: grid; grid-template-columns: 15rem minmax(0, 1fr); align-items: start; }
  nav { height: 100vh; overflow-y: auto; border-bottom: 0; border-right: 1px solid var(--line); }
  nav > ol { flex-direction: column; gap: 0; padding: 2.5rem .75rem 2rem; white-space: normal; overflow-x: visible; }
  nav .here > ol, nav:not([data-live]) li > ol { display: block; padding: 0 0 .5rem .75rem; }
  html { scroll-padding-top: 1rem; }
}
a { color: var(--accent); text-decoration: none; }
a:hover { text-decoration: underline; }
.term { color: inherit; text-decoration: underline dotted var(--quiet); text-underline-offset: .2em; }
:focus-visible { outline: 2px solid var(--accent); outline-offset: 2px; border-radius: 3px; }
h1 { font-size: clamp(1.75rem, 1.2rem + 2.4vw, 2.75rem); line-height: 1.15; letter-spacing: -.02em; margin: .25rem 0 .75rem; text-wrap: balance; }
h2 { font-size: 1.5rem; line-height: 1.25; letter-spacing: -.01em; margin: 0 0 .25rem; }
h3 { font-size: 1.125rem; margin: 0 0 .5rem; }
p { margin: .5rem 0; max-width: 46rem; }
ul { margin: .4rem 0; padding-left: 1.2rem; max-width: 46rem; }
small { font-size: .8125rem; }
code { font: .875em/1.4 ui-monospace, "SF Mono", Menlo, Consolas, monospace; background: var(--rail); padding: .1em .35em; border-radius: 4px; overflow-wrap: anywhere; }
.eyebrow { margin-top: 2.5rem; color: var(--quiet); font-size: .875rem; }
.lead { font-size: 1.1rem; }
.quiet { color: var(--quiet); }
.above { margin-top: 1rem; color: var(--quiet); font-size: .875rem; }
.whole { white-space: nowrap; }
.address { overflow-wrap: anywhere; }
.hidden { position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%); white-space: nowrap; }
section { margin-top: 3rem; }
.part { margin-top: 2.25rem; }
section.task, #run, #words { border-top: 1px solid var(--line); padding-top: 2.5rem; margin-top: 3.5rem; }
.banner { max-width: none; border-radius: 8px; padding: .75rem 1rem; margin: 1rem 0; background: var(--even-soft); }
.banner ul { margin: .25rem 0 0; }

.cards { display: grid; grid-template-columns: repeat(auto-fit, minmax(min(100%, 19rem), 1fr)); gap: 1.25rem; margin: 2rem 0; }
.cards:has(> :nth-child(4):last-child) { grid-template-columns: repeat(auto-fit, minmax(min(100%, 26rem), 1fr)); }
.card { background: var(--card); border: 1px solid var(--line); border-radius: 12px; padding: 1.1rem 1.25rem; break-inside: avoid; max-width: 34rem; }
.card h2 { font-size: 1.1rem; margin: 0; }
.card p { margin: .15rem 0; }
.card .quiet { font-size: .875rem; }
.score { font-size: 2.6rem; line-height: 1.2; font-weight: 600; letter-spacing: -.02em; }
.score small { font-size: 1rem; font-weight: 400; letter-spacing: 0; color: var(--quiet); }
.versus { margin: .8rem 0; font-size: .875rem; }
.versus div { display: grid; grid-template-columns: 5.5rem 1fr 3rem; gap: .6rem; align-items: center; color: var(--quiet); }
.versus .own { color: var(--ink); font-weight: 600; }
.figure { text-align: right; }
.track { display: block; overflow: visible; min-width: 4rem; }
.thread { stroke: var(--line); stroke-width: 2; }
.rail { fill: var(--rail); }
.fill { fill: var(--own); }
.point { stroke: var(--quiet); stroke-width: 3; stroke-linecap: round; }
.whisker { stroke: var(--quiet); stroke-width: 2; }
.own .point { stroke: var(--own); }
.versus .whisker { stroke-width: 9; opacity: .3; }
.own .whisker { stroke: var(--own); }
td .whisker { stroke: var(--ink); opacity: .6; }
.chip { display: inline-block; padding: .05rem .55rem; border-radius: 99px; font-size: .8125rem; background: var(--rail); color: var(--quiet); overflow-wrap: anywhere; }
.chip.good { background: var(--good-soft); color: var(--good); }
.chip.even { background: var(--even-soft); color: var(--even); }
.chip.bad { background: var(--bad-soft); color: var(--bad); }

.scroll { position: relative; overflow-x: auto; margin: .75rem 0; }
table { border-collapse: collapse; min-width: min(100%, 30rem); font-size: .9375rem; }
caption span { position: sticky; left: 0; display: inline-block; max-width: min(46rem, calc(100vw - 2.5rem)); }
caption { text-align: left; color: var(--quiet); font-size: .875rem; padding-bottom: .4rem; }
th, td { text-align: left; padding: .35rem .9rem .35rem 0; border-bottom: 1px solid var(--line); vertical-align: baseline; font-weight: 400; }
thead th { color: var(--quiet); font-size: .8125rem; vertical-align: bottom; white-space: nowrap; }
.number { text-align: right; }
td.number { white-space: nowrap; }
tbody th { min-width: 7rem; }
td.bar { width: 100%; min-width: 7rem; vertical-align: middle; }
table:has(td.bar) { width: 100%; max-width: 60rem; }
table:has(td.bar) tbody th { min-width: 14rem; }
th button { font: inherit; color: inherit; background: none; border: 0; padding: 0; cursor: pointer; }
th button:hover { color: var(--accent); }
th[aria-sort] button { color: var(--ink); }
th[aria-sort=descending] button::after { content: " ↓"; }
th[aria-sort=ascending] button::after { content: " ↑"; }

.stages { display: flex; flex-wrap: wrap; gap: .5rem 1.75rem; list-style: none; padding: 0; margin: .75rem 0 1.25rem; }
.stages li { display: grid; flex: 0 1 auto; position: relative; padding: .5rem .75rem; border: 1px solid var(--rule); border-radius: .5rem; }
.stages li + li::before { content: '→'; position: absolute; left: -1.4rem; top: 50%; transform: translateY(-50%); }
.charts { display: grid; grid-template-columns: repeat(auto-fill, minmax(min(100%, 20rem), 1fr)); gap: 1.5rem; margin: .75rem 0 1.5rem; }
figure { margin: 0; max-width: 30rem; break-inside: avoid; }
figcaption { font-size: .875rem; color: var(--quiet); }
.chart { display: block; width: 100%; height: auto; }
.chart text { font-size: 12px; fill: var(--quiet); }
.grid { stroke: var(--line); }
.axis { stroke: var(--quiet); }
.diagonal { stroke: var(--quiet); stroke-dasharray: 4 4; }
.chart polyline { fill: none; stroke-width: 1.75; stroke-linejoin: round; }
.legend { display: flex; flex-wrap: wrap; gap: .2rem 1.25rem; font-size: .875rem; color: var(--quiet); }
.legend span { display: inline-flex; gap: .4rem; align-items: center; }
.legend line { stroke-width: 3; }
.line-0 { --own: var(--c0); } .line-1 { --own: var(--c1); } .line-2 { --own: var(--c2); }
.line-3 { --own: var(--c3); } .line-4 { --own: var(--c4); } .line-5 { --own: var(--c5); }
.legend line, .chart polyline { stroke: var(--own); }
.chart circle { fill: var(--own); fill-opacity: .75; }
.chart .spread { stroke: var(--own); stroke-width: 1.5; opacity: .6; }
.chart .ring { fill: none; stroke: var(--own); stroke-width: 2; }

.matrix { border-collapse: separate; border-spacing: 2px; min-width: 0; }
.matrix th, .matrix td { border: 0; }
.matrix thead th { text-align: center; padding: .2rem .3rem; white-space: normal; max-width: 7rem; }
.matrix thead th span { display: inline-block; }
.matrix tbody th { padding-right: .75rem; max-width: 12rem; font-size: .875rem; }
.matrix td { text-align: center; min-width: 4.5rem; padding: .45rem .4rem; border-radius: 4px; background: var(--rail); }
.matrix .heat-0 { color: var(--quiet); }
.heat-1 { --shade: color-mix(in srgb, var(--hue) 8%, var(--card)); }
.heat-2 { --shade: color-mix(in srgb, var(--hue) 13%, var(--card)); }
.heat-3 { --shade: color-mix(in srgb, var(--hue) 18%, var(--card)); }
.heat-4 { --shade: color-mix(in srgb, var(--hue) 23%, var(--card)); }
.heat-5 { --shade: color-mix(in srgb, var(--hue) 28%, var(--card)); }
.heat-6 { --shade: color-mix(in srgb, var(--hue) 33%, var(--card)); }
.heat-7 { --shade: color-mix(in srgb, var(--hue) 38%, var(--card)); }
.heat-8 { --shade: color-mix(in srgb, var(--hue) 43%, var(--card)); }
.heat-9 { --shade: color-mix(in srgb, var(--hue) 92%, var(--card)); }
.heat-10 { --shade: var(--hue); }
.matrix .right, .matrix .wrong { background: var(--shade, var(--rail)); }
.matrix .heat-9, .matrix .heat-10 { color: var(--on-hue); }
.map path { fill: var(--shade); }
.map .scroll { max-height: 36rem; overflow: auto; border: 1px solid var(--line); border-radius: 8px; background: var(--card); }
.map-sheet { display: grid; grid-template-columns: auto 1fr; width: max-content; }
.map text { font-size: 11px; fill: var(--ink); }
.map-columns { grid-column: 1 / -1; position: sticky; top: 0; z-index: 1; background: var(--card); border-bottom: 1px solid var(--line); }
.map-rows { position: sticky; left: 0; background: var(--card); border-right: 1px solid var(--line); }
.map-cells { cursor: crosshair; }
.map-figure { max-width: none; margin: 1.25rem 0; }
.map-said { min-height: 1.6em; font-size: .875rem; max-width: none; }
.right { --hue: var(--c0); } .wrong { --hue: var(--wrong); }

.errors { list-style: none; margin: .75rem 0; padding: 0; max-width: 52rem; }
.error { margin: .75rem 0; padding: .75rem 1rem; background: var(--card); border: 1px solid var(--line); border-radius: 8px; break-inside: avoid; }
.error p { margin: .15rem 0; max-width: none; }
.text { unicode-bidi: isolate; white-space: pre-line; }
.side { font-size: .8125rem; color: var(--quiet); }
.text + .side { margin-top: .6rem; }
.error .answers { display: flex; flex-wrap: wrap; gap: .25rem 1rem; margin-top: .6rem; font-size: .875rem; color: var(--quiet); }
.choices { margin-top: .6rem; }
.source { font-size: .8125rem; color: var(--quiet); }
mark { color: inherit; background: none; border-radius: 3px; padding: .05em 0; box-decoration-break: clone; -webkit-box-decoration-break: clone; }
mark.true { box-shadow: inset 0 -2px var(--good); background: var(--good-soft); }
mark.predicted { background: var(--bad-soft); box-shadow: inset 0 0 0 1px var(--bad); }
mark.true.predicted { background: var(--bad-soft); box-shadow: inset 0 0 0 1px var(--bad), inset 0 -3px var(--good); }
mark.right { background: var(--rail); box-shadow: inset 0 -1px var(--quiet); }
mark.given { background: var(--rail); }
mark.evidence { background: var(--even-soft); }
mark.changed { background: var(--bad-soft); }
.kind.changed { text-decoration: line-through; }
.kind { font-size: .75rem; margin: 0 .15em 0 .25em; color: var(--quiet); }
.kind.true { color: var(--good); } .kind.predicted { color: var(--bad); }
.filter { display: flex; flex-wrap: wrap; gap: .5rem 1rem; align-items: center; margin: .75rem 0; font-size: .875rem; }
.filter[hidden] { display: none; }
.filter select, .filter input { font: inherit; color: inherit; background: var(--card); border: 1px solid var(--quiet); border-radius: 6px; padding: .3rem .5rem; margin-left: .35rem; max-width: min(16rem, 60vw); }
details { margin: .75rem 0; }
summary { cursor: pointer; color: var(--accent); }
dl { display: grid; gap: .3rem 1.5rem; margin: .5rem 0; }
dl div { display: grid; grid-template-columns: 8rem 1fr; gap: .75rem; }
dt { color: var(--quiet); }
dd { margin: 0; min-width: 0; }
@media (max-width: 36rem) {
  dl div { grid-template-columns: 1fr; gap: 0; }
  th, td { padding-right: .7rem; }
  table:has(td.bar) tbody th { min-width: 7rem; }
  .wide { display: none; }
}
@media print {
  :root { --paper: #fff; --card: #fff; }
  body { font-size: 11pt; }
  nav, .skip, .filter { display: none; }
  main { max-width: none; padding: 0; }
  section.task { break-before: page; }
  h2, h3, caption, thead, summary, h3 + .quiet, .legend { break-after: avoid; }
  tr, svg { break-inside: avoid; }
  .cards, .cards:has(> :nth-child(4):last-child) { grid-template-columns: 1fr 1fr; gap: .75rem; margin: 1rem 0; }
  .charts { grid-template-columns: repeat(3, 1fr); gap: .75rem; }
  .score { font-size: 1.75rem; }
  section, .part { margin-top: 1.5rem; }
  .scroll, .map .scroll { overflow: visible; max-height: none; }
  * { print-color-adjust: exact; -webkit-print-color-adjust: exact; }
}
`;
