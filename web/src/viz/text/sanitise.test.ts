// @vitest-environment jsdom
import { expect, it } from "vitest";

import { sanitise } from "./sanitise";

it.each([
  ["scripts go", "<p>a</p><script>alert(1)</script>", "<p>a</p>"],
  ["handlers go", '<b onclick="alert(1)">a</b>', "<b>a</b>"],
  ["frames, forms and pictures as code go", '<iframe src="/x"></iframe><form><input></form><svg onload="x"></svg>a', "a"],
  ["addresses that run code go", '<a href="javascript:alert(1)">a</a>', '<a rel="noopener noreferrer">a</a>'],
  ["links elsewhere do not hand over this page", '<a href="https://example.com">a</a>', '<a href="https://example.com" rel="noopener noreferrer" target="_blank">a</a>'],
  ["looks stay", '<div style="color: red; text-align: center">a</div>', '<div style="color: red; text-align: center">a</div>'],
  ["what moves out of the panel or loads goes", '<div style="position:fixed;top:0;background-color:url(http://x);color:red;width:expression(1)">a</div>', '<div style="color: red">a</div>'],
  ["style elements go", "<style>body{display:none}</style>a", "a"],
  ["ids and classes of the page cannot be taken", '<b id="root" class="x" name="y">a</b>', "<b>a</b>"],
  ["pictures from elsewhere are links", '<img src="https://x.example/a.png" alt="Logo" onerror="x">', '<a href="https://x.example/a.png" rel="noopener noreferrer" target="_blank">Picture: Logo</a>'],
  ["pictures in the text itself stay", '<img src="data:image/png;base64,AAAA">', '<img src="data:image/png;base64,AAAA">'],
  ["drawings with code inside do not", '<img src="data:image/svg+xml,<svg onload=x>" alt="d">', "<span>Picture: d</span>"],
])("%s", (_, html, want) => expect(sanitise(html)).toBe(want));
