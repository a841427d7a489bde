import { ActionIcon, Menu, Tooltip } from "@mantine/core";
import IconShare from "@tabler/icons-react/dist/esm/icons/IconShare2.mjs";
import { useRouterState } from "@tanstack/react-router";
import { lazy, Suspense, useState } from "react";

import { baseURL } from "../api/client";
import { createShortlink } from "../api/dashboards";
import { announce } from "../components/announce";
import { copyText } from "../components/clipboard";
import { useTime } from "../components/time/TimeContext";
import { curlOf, linkOf, queriesOf, type SharedQuery } from "../lib/share";
import type { RawSearch } from "../lib/urlState";

const KeepQuery = lazy(() => import("./KeepQuery").then((loaded) => ({ default: loaded.KeepQuery })));

/** Ways to hand on what is on show. */
export function ShareMenu() {
  const { range } = useTime();
  const path = useRouterState({ select: (state) => state.location.pathname });
  const search = useRouterState({ select: (state) => state.location.search as RawSearch });
  const queries = queriesOf(path, search);
  const [keeping, setKeeping] = useState<SharedQuery>();
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
            <Menu.Item onClick={() => copy(queries.map((one) => curlOf(one, baseURL(), range)).join("\n\n"), "Command copied.")}>Copy as curl</Menu.Item>
          )}
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

async function copyShort(link: string): Promise<void> {
  try {
    const path = await createShortlink(link.slice(baseURL().length));
    copy(`${baseURL()}${path}`, "Short link copied. It keeps these times.");
  } catch (error) {
    announce(`No short link was made: ${error instanceof Error ? error.message : String(error)}`);
  }
}
