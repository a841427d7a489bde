import { ActionIcon, Tooltip } from "@mantine/core";
import { useLocalStorage } from "@mantine/hooks";
import { Link } from "@tanstack/react-router";
import IconChevronsLeft from "@tabler/icons-react/dist/esm/icons/IconChevronsLeft.mjs";
import IconChevronsRight from "@tabler/icons-react/dist/esm/icons/IconChevronsRight.mjs";

import { boot } from "../lib/boot";
import { rail, type PageEntry } from "./pages";
import classes from "./Rail.module.css";

/** The left rail: where one can go. Narrow or wide is a preference of the browser. */
export function Rail() {
  const [narrow, setNarrow] = useLocalStorage({ key: "oriel.rail.narrow", defaultValue: false });
  return (
    <nav className={classes.rail} data-narrow={narrow || undefined} aria-label="Pages">
      <Link to="/" className={classes.brand} aria-label="Oriel, overview">
        <img src={`${boot.prefix}/favicon.svg`} alt="" width="20" height="20" />
        {!narrow && <span>Oriel</span>}
      </Link>
      <ul className={classes.list}>
        {rail.map((page, index) => (
          <li key={page.to}>
            {!narrow && page.group && page.group !== rail[index - 1]?.group && <div className={classes.group}>{page.group}</div>}
            <Entry page={page} narrow={narrow} />
          </li>
        ))}
      </ul>
      <div className={classes.foot}>
        {!narrow && (
          <span className={classes.version} title={boot.version}>
            {boot.version}
          </span>
        )}
        <ActionIcon aria-label={narrow ? "Widen the rail" : "Narrow the rail"} onClick={() => setNarrow(!narrow)}>
          {narrow ? <IconChevronsRight size={16} /> : <IconChevronsLeft size={16} />}
        </ActionIcon>
      </div>
    </nav>
  );
}

function Entry({ page, narrow }: { page: PageEntry; narrow: boolean }) {
  return (
    <Tooltip label={`${page.title} (g ${page.key})`} position="right" disabled={!narrow}>
      <Link to={page.to} className={classes.entry} activeOptions={{ exact: true, includeSearch: false }} aria-label={page.title}>
        <page.icon size={16} stroke={1.6} aria-hidden="true" />
        {!narrow && <span>{page.title}</span>}
      </Link>
    </Tooltip>
  );
}
