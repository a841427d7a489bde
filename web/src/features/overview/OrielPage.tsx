import { QueryPanel } from "../../components/QueryPanel";
import { ownPanels } from "./ownPanels";
import classes from "./overview.module.css";

/** The built-in dashboard of Oriel itself. */
export function OrielPage() {
  return (
    <div className={classes.page}>
      {ownPanels.map((group) => (
        <section key={group.title} aria-label={group.title}>
          <h2 className={classes.heading}>{group.title}</h2>
          <div className={classes.grid}>
            {group.panels.map((panel) => (
              <QueryPanel key={panel.title} panel={panel} height={150} />
            ))}
          </div>
        </section>
      ))}
    </div>
  );
}
