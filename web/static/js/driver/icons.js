/** The icons of templates/_icons.html that the app draws; each stands beside a word. */

import { svg } from "../../vendor/lit-html/lit-html.js";

export const PATHS = {
  bottle: svg`<path d="M10 2.5h4v3.8c0 1.4.5 2 1.5 3.2.9 1.1 1.5 2.3 1.5 4v6.5a1.5 1.5 0 0 1-1.5 1.5h-7A1.5 1.5 0 0 1 7 20v-6.5c0-1.7.6-2.9 1.5-4C9.5 8.3 10 7.7 10 6.3z"/><path d="M10 5h4M7 14.5h10"/>`,
  crate: svg`<path d="M3 9h18l-1 11H4zM3.5 14h17M9 9v11M15 9v11"/><path d="M6.5 9V4.5h2V9M11 9V4.5h2V9M15.5 9V4.5h2V9"/>`,
  van: svg`<path d="M2 6h12v11H2zM14 9.5h4l4 4V17h-8z"/><circle cx="6.5" cy="17.5" r="2" class="ground"/><circle cx="17.5" cy="17.5" r="2" class="ground"/>`,
  hand: svg`<path d="M8 12.5V5.2a1.5 1.5 0 0 1 3 0V11V4a1.5 1.5 0 0 1 3 0v7V5.5a1.5 1.5 0 0 1 3 0V14c0 4.5-2.3 7.5-6 7.5-3 0-4.5-1.5-6-4.2l-1.8-3.4c-.7-1.4 1.1-2.6 2.2-1.4z"/>`,
  warning: svg`<path d="M12 3.5 22 20.5H2zM12 10v4.5"/><circle cx="12" cy="17.5" r="1.1" class="fill"/>`,
  check: svg`<path d="m4.5 12.5 5 5 10-11"/>`,
  cross: svg`<path d="m6 6 12 12M18 6 6 18"/>`,
  home: svg`<path d="m3 11 9-7.5 9 7.5M5.5 9.5v11h13v-11M10 20.5v-6h4v6"/>`,
  list: svg`<path d="M8.5 6H21M8.5 12H21M8.5 18H21"/><circle cx="4" cy="6" r="1.3" class="fill"/><circle cx="4" cy="12" r="1.3" class="fill"/><circle cx="4" cy="18" r="1.3" class="fill"/>`,
  map: svg`<path d="m3 6 6-2.5 6 2.5 6-2.5V18l-6 2.5L9 18l-6 2.5zM9 3.5V18M15 6v14.5"/>`,
  pin: svg`<path d="M12 21.5c4.7-5.3 7-9 7-12a7 7 0 0 0-14 0c0 3 2.3 6.7 7 12z"/><circle cx="12" cy="9.5" r="2.5"/>`,
  person: svg`<circle cx="12" cy="8" r="4"/><path d="M4 20.5c.8-4 3.8-6 8-6s7.2 2 8 6"/>`,
  undo: svg`<path d="M8.5 4.5 4 9l4.5 4.5"/><path d="M4 9h10a5.5 5.5 0 0 1 0 11H8"/>`,
  scan: svg`<path d="M3 8V3.5h4.5M16.5 3.5H21V8M21 16v4.5h-4.5M7.5 20.5H3V16M7 8.5v7M10.5 8.5v7M13.5 8.5v7M17 8.5v7"/>`,
  phone: svg`<path d="M5 3.5h4l2 5-2.5 1.8a12 12 0 0 0 5.2 5.2L15.5 13l5 2v4a1.6 1.6 0 0 1-1.8 1.6C10.8 19.8 4.2 13.2 3.4 5.3A1.6 1.6 0 0 1 5 3.5z"/>`,
  clock: svg`<circle cx="12" cy="12" r="9"/><path d="M12 6.5V12l3.5 2.5"/>`,
  plus: svg`<path d="M12 5v14M5 12h14"/>`,
  minus: svg`<path d="M5 12h14"/>`,
  download: svg`<path d="M12 3.5V15M7 10.5l5 5 5-5M4 20.5h16"/>`,
  out: svg`<path d="M14 4H4v16h10M10 12h11M17 8l4 4-4 4"/>`,
  back: svg`<path d="m14.5 5-7 7 7 7"/>`,
  next: svg`<path d="m9.5 5 7 7-7 7"/>`,
  note: svg`<path d="M4.5 3.5h15v12l-5 5h-10zM14.5 20.5v-5h5M8 8.5h8M8 12.5h5"/>`,
  photo: svg`<path d="M3 7h4.5L9 4.5h6L16.5 7H21v12.5H3z"/><circle cx="12" cy="13" r="3.7"/>`,
  repeat: svg`<path d="M4 11V9.5A3.5 3.5 0 0 1 7.5 6H20M16.5 2.5 20 6l-3.5 3.5M20 13v1.5a3.5 3.5 0 0 1-3.5 3.5H4M7.5 21.5 4 18l3.5-3.5"/>`,
  language: svg`<circle cx="12" cy="12" r="9"/><path d="M3 12h18M12 3c2.7 2.6 4 5.6 4 9s-1.3 6.4-4 9c-2.7-2.6-4-5.6-4-9s1.3-6.4 4-9z"/>`,
  drop: svg`<path d="M12 3c4 5.2 6 8.6 6 11.5a6 6 0 0 1-12 0C6 11.6 8 8.2 12 3z"/>`,
  search: svg`<circle cx="10.5" cy="10.5" r="6.5"/><path d="m15.5 15.5 5.5 5.5"/>`,
};
