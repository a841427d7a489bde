import { ActionIcon, Menu } from "@mantine/core";
import IconHistory from "@tabler/icons-react/dist/esm/icons/IconHistory.mjs";

import type { Language } from "../../lib/palette";
import { LazyMenu } from "../LazyMenu";
import { useRecentQueries } from "../useRecentQueries";
import classes from "./editor.module.css";

const most = 20;

/** The queries of a language that were run last in this browser, each to be run once more. */
export function HistoryMenu({ language, current, onRun }: { language: Language; current: string; onRun: (query: string) => void }) {
  return (
    <LazyMenu
      position="bottom-end"
      target={
        <ActionIcon size="lg" aria-label="History" title="Queries run before (Alt ↑ in the field)">
          <IconHistory size={16} />
        </ActionIcon>
      }
    >
      <Items language={language} current={current} onRun={onRun} />
    </LazyMenu>
  );
}

function Items({ language, current, onRun }: { language: Language; current: string; onRun: (query: string) => void }) {
  const [recent] = useRecentQueries();
  const own = recent.filter((one) => one.language === language && one.query !== current).slice(0, most);
  if (own.length === 0) return <Menu.Label>No other query was run here yet</Menu.Label>;
  return own.map(({ query }) => (
    <Menu.Item key={query} onClick={() => onRun(query)} title={query}>
      <code className={classes.past}>{query}</code>
    </Menu.Item>
  ));
}
