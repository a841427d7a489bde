import { Kbd, Modal } from "@mantine/core";
import { useRouterState } from "@tanstack/react-router";

import { useFocusBack } from "../components/useFocusBack";
import { usePrefs } from "../components/usePrefs";
import { keyName, keysOf } from "./keys";
import classes from "./HelpDialog.module.css";

/** The keyboard shortcuts of the page on show, and those of all. */
export function HelpDialog({ onClose }: { onClose: () => void }) {
  useFocusBack();
  const path = useRouterState({ select: (state) => state.location.pathname });
  const [prefs] = usePrefs();
  return (
    <Modal opened onClose={onClose} title="Keyboard" size="lg" transitionProps={{ duration: 0 }}>
      {!prefs.shortcuts && <p>Single keys are switched off in the settings; those with {keyName("Ctrl", navigator.platform)} work.</p>}
      {keysOf(path).map(({ title, keys }) => (
        <section key={title} aria-label={title}>
          <h3 className={classes.group}>{title}</h3>
          <dl className={classes.keys}>
            {keys.map(([combination, action]) => (
              <div key={combination} className={classes.pair}>
                <dt>
                  {combination.split(" ").map((key) => (
                    <Kbd key={key} size="xs">
                      {keyName(key, navigator.platform)}
                    </Kbd>
                  ))}
                </dt>
                <dd>{action}</dd>
              </div>
            ))}
          </dl>
        </section>
      ))}
    </Modal>
  );
}
