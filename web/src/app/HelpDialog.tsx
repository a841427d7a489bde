import { Kbd, Modal } from "@mantine/core";

import { pages } from "./pages";
import classes from "./HelpDialog.module.css";

const keys: readonly [keys: string, action: string][] = [
  ["/", "Focus the query or search field"],
  ["Ctrl Enter", "Run the query"],
  ["r", "Refresh"],
  ["t l", "Focus the time range"],
  ["t z", "Zoom out"],
  ["t ←", "Half a range back"],
  ["t →", "Half a range forward"],
  ["t a", "Make the range absolute"],
  ["?", "This list"],
];

/** The list of keyboard shortcuts. */
export function HelpDialog({ open, onClose }: { open: boolean; onClose: () => void }) {
  const all = [...keys, ...pages.map((page): [string, string] => [`g ${page.key}`, `Go to ${page.title}`])];
  return (
    <Modal opened={open} onClose={onClose} title="Keyboard" size="lg" transitionProps={{ duration: 120 }}>
      <dl className={classes.keys}>
        {all.map(([combination, action]) => (
          <div key={combination} className={classes.pair}>
            <dt>
              {combination.split(" ").map((key) => (
                <Kbd key={key} size="xs">
                  {key}
                </Kbd>
              ))}
            </dt>
            <dd>{action}</dd>
          </div>
        ))}
      </dl>
    </Modal>
  );
}
