import { ActionIcon, Menu, Tooltip } from "@mantine/core";
import IconShare from "@tabler/icons-react/dist/esm/icons/IconShare2.mjs";
import { useRouterState } from "@tanstack/react-router";
import { lazy, Suspense, useState } from "react";

import { baseURL } from "../api/client";
import { createShortlink } from "../api/shortlinks";
import { announce } from "../components/announce";
import { copyText } from "../components/clipboard";
import { fileName, saveText } from "../components/saveText";
import { allShown, useAnyShown } from "../components/shown";
import { useTime } from "../components/time/TimeContext";
import { curlOf, linkOf, queriesOf, type SharedQuery } from "../lib/share";
import { tenantHeaders } from "../lib/tenant";
import type { RawSearch } from "../lib/urlState";

const KeepQuery = lazy(() => import("./KeepQuery").then((loaded) => ({ default: loaded.KeepQuery })));

/** Ways to hand on what is on show. */
export function ShareMenu() {
  const { range } = useTime();
  const path = useRouterState({ select: (state) => state.location.pathname });
  const search = useRouterState({ select: (state) => state.location.search as RawSearch });
  const queries = queriesOf(path, search);
  const [keeping, setKeeping] = useState<SharedQuery>();
  // A dashboard has data of its own in every panel, and a dialog for all of it.
  const anyShown = useAnyShown() && !path.startsWith("/d/");
  return (
    <>
      <Menu position="bottom-end" transitionProps={{ duration: 0 }}>
        <Tooltip label="Share">
          <Menu.Target>
            <ActionIcon aria-label="Share">
              <IconShare size={16} />
            </ActionIcon>
          </Menu.Target>
        </Tooltip>
        <Menu.Dropdown>
          <Menu.Item onClick={() => copy(linkOf(location.href), "Link copied. It moves on with time.")}>Copy link</Menu.Item>
          <Menu.Item onClick={() => copy(linkOf(location.href, range), "Link copied. It keeps these times.")}>Copy link to these times</Menu.Item>
          <Menu.Item onClick={() => void copyShort(linkOf(location.href, range))}>Copy short link</Menu.Item>
          {queries.length > 0 && <Menu.Divider />}
          {queries[0] && <Menu.Item onClick={() => setKeeping(queries[0])}>Keep this query …</Menu.Item>}
          {queries.length > 0 && <Menu.Item onClick={() => copy(queries.map(({ query }) => query).join("\n"), "Query copied.")}>Copy query</Menu.Item>}
          {queries.length > 0 && (
            <Menu.Item onClick={() => copy(queries.map((one) => curlOf(one, baseURL(), range, tenantHeaders())).join("\n\n"), "Command copied.")}>Copy as curl</Menu.Item>
          )}
          <Menu.Divider />
          <Menu.Item onClick={() => void saveShown("png")}>Download a picture</Menu.Item>
          {anyShown && <Menu.Item onClick={() => void saveShown("csv")}>Download what is shown as CSV</Menu.Item>}
          {anyShown && <Menu.Item onClick={() => void saveShown("json")}>Download what is shown as JSON</Menu.Item>}
        </Menu.Dropdown>
      </Menu>
      {keeping && (
        <Suspense>
          <KeepQuery query={keeping} onClose={() => setKeeping(undefined)} />
        </Suspense>
      )}
    </>
  );
}

/** Copies `text` and says so. */
export function copy(text: string, said: string): void {
  void copyText(text).then(() => announce(said));
}

/** Hands what the page shows to the browser: as it looks, or the rows of its charts and tables. */
async function saveShown(form: "png" | "csv" | "json"): Promise<void> {
  const name = `${fileName(document.title)}.${form}`;
  const main = document.getElementById("main");
  try {
    if (form === "png" && main) return await (await import("../components/picture")).savePicture(main, name);
    const parts = allShown();
    const { tabularCSV, tabularJSON } = await import("../lib/tabular");
    if (parts.length === 0) announce("Nothing is shown that has rows.");
    else if (form === "csv") saveText(tabularCSV(parts), name, "text/csv;charset=utf-8");
    else saveText(tabularJSON(parts, location.href), name, "application/json");
  } catch (error) {
    announce(`The download failed: ${error instanceof Error ? error.message : String(error)}`);
  }
}

async function copyShort(link: string): Promise<void> {
  try {
    const path = await createShortlink(link.slice(baseURL().length));
    copy(`${baseURL()}${path}`, "Short link copied. It keeps these times.");
  } catch (error) {
    announce(`No short link was made: ${error instanceof Error ? error.message : String(error)}`);
  }
}
