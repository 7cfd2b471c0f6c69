#pragma once
// How the page looks.

#include <string_view>

namespace arbortls::trust_page {

inline constexpr std::string_view page_style = R"(
:root { color-scheme: light dark;
  --ground: #f3f5f7; --paper: #fff; --ink: #17212b; --soft: #51606e; --line: #dce2e8;
  --accent: #0b6b50; --on-accent: #fff; --tint: #e4f2ec; --code: #f3f5f7; }
@media (prefers-color-scheme: dark) { :root {
  --ground: #0f1419; --paper: #181f27; --ink: #e8edf2; --soft: #a5b1bd; --line: #2c3641;
  --accent: #5ecf9f; --on-accent: #06261a; --tint: #16302a; --code: #0f1419; } }
* { box-sizing: border-box; }
body { margin: 0; background: var(--ground); color: var(--ink);
  font: 1rem/1.6 system-ui, -apple-system, "Segoe UI", Roboto, "Helvetica Neue", sans-serif;
  overflow-wrap: break-word; }
.wide { max-width: 68rem; margin: 0 auto; padding: 0 1.25rem; }
header { background: var(--paper); border-bottom: 1px solid var(--line); }
header .wide { display: flex; gap: 1.25rem; padding-top: 2.5rem; padding-bottom: 2.5rem; }
header .wide > div { min-width: 0; }
.shield { flex: none; width: 3.5rem; height: 3.5rem; color: var(--accent); }
h1 { margin: 0; font-size: clamp(1.5rem, 1.1rem + 1.8vw, 2.25rem); line-height: 1.2;
  letter-spacing: -.015em; text-wrap: balance; overflow-wrap: anywhere; }
.lead { margin: .75rem 0 1.5rem; max-width: 40rem; color: var(--soft); font-size: 1.0625rem; }
h2 { margin: 0 0 .75rem; font-size: 1.125rem; line-height: 1.3; }
h3 { margin: 0; font-size: 1rem; }
h4 { margin: 1.5rem 0 .25rem; font-size: 1rem; }
p { margin: .75rem 0; }
a { color: var(--accent); text-underline-offset: .15em; }
a:focus-visible, summary:focus-visible { outline: 3px solid var(--accent); outline-offset: 2px;
  border-radius: .25rem; }
.button { display: inline-block; padding: .75rem 1.5rem; border-radius: .625rem; font-weight: 600;
  background: var(--accent); color: var(--on-accent); text-decoration: none; }
.button:hover { filter: brightness(1.1); }
.beside { display: inline-block; margin: .75rem 0 0 1.25rem; }
main.wide { display: grid; grid-template-columns: minmax(0, 1fr);
  padding-top: 1.5rem; padding-bottom: .25rem; }
@media (min-width: 60rem) {
  main.wide { grid-template-columns: minmax(0, 1fr) 21.5rem; align-items: start; gap: 1.5rem; } }
.card { background: var(--paper); border: 1px solid var(--line); border-radius: .875rem;
  padding: 1.25rem 1.375rem; margin: 0 0 1.25rem; }
.card > :last-child { margin-bottom: 0; }
.news { background: var(--tint); border-color: var(--accent); }
details { border-top: 1px solid var(--line); }
.systems { padding: 1.25rem 0 0; overflow: hidden; }
.systems > h2, .systems > p { margin-left: 1.375rem; margin-right: 1.375rem; }
summary { display: flex; align-items: center; gap: .75rem; padding: .875rem 1.375rem;
  cursor: pointer; list-style: none; }
summary::-webkit-details-marker { display: none; }
summary::after { content: ""; width: .5rem; height: .5rem; margin: 0 .25rem 0 auto;
  border: solid var(--soft); border-width: 0 2px 2px 0; transform: rotate(45deg); }
details[open] > summary::after { transform: rotate(225deg); }
summary:hover { background: var(--tint); }
.yours { padding: 0 .625rem; border-radius: 1rem; background: var(--tint); color: var(--accent);
  font-size: .8125rem; font-weight: 600; }
.steps { padding: 0 1.375rem 1.25rem; }
.steps > p:first-child { margin-top: 0; }
ol { margin: .25rem 0 .75rem; padding: 0; list-style: none; counter-reset: step; }
ol > li { position: relative; margin: 0 0 .75rem; padding-left: 2.375rem; counter-increment: step; }
ol > li::before { content: counter(step); position: absolute; left: 0; top: .05rem; width: 1.6rem;
  height: 1.6rem; border-radius: 50%; background: var(--tint); color: var(--accent);
  font-size: .875rem; font-weight: 700; line-height: 1.6rem; text-align: center; }
code { font: .875em/1.5 ui-monospace, "SF Mono", Menlo, Consolas, "DejaVu Sans Mono", monospace; }
pre { margin: .5rem 0 1rem; padding: .75rem 1rem; overflow-x: auto; border-radius: .5rem;
  border: 1px solid var(--line); background: var(--code); }
.note { color: var(--soft); font-size: .9375rem; }
.print { display: block; margin: .25rem 0 .75rem; padding: .625rem .75rem; border-radius: .5rem;
  border: 1px solid var(--line); background: var(--code); font-size: .84375rem; }
dl { margin: 0; }
dt { color: var(--soft); font-size: .875rem; }
dd { margin: 0 0 .75rem; }
dd ul { display: flex; flex-wrap: wrap; gap: .375rem; margin: .375rem 0 0; padding: 0;
  list-style: none; }
dd li code { display: block; padding: .0625rem .5rem; border-radius: .375rem;
  border: 1px solid var(--line); background: var(--code); overflow-wrap: anywhere; }
.qr { display: block; width: 100%; max-width: 13rem; height: auto; margin: 0 auto .75rem;
  border-radius: .5rem; border: 1px solid var(--line); }
.middle { text-align: center; }
.files { margin: 0; padding: 0; list-style: none; }
.files li { padding: .375rem 0; }
.files span { display: block; color: var(--soft); font-size: .875rem; }
footer.wide { padding-bottom: 2.5rem; color: var(--soft); font-size: .875rem; }
@media (max-width: 30rem) {
  header .wide { display: block; padding-top: 1.5rem; padding-bottom: 1.75rem; }
  .shield { width: 2.75rem; height: 2.75rem; margin-bottom: .75rem; }
  .button { display: block; text-align: center; }
  .beside { margin-left: 0; } }
@media print { summary::after, .button { display: none; } .card { break-inside: avoid; } }
)";

}  // namespace arbortls::trust_page
