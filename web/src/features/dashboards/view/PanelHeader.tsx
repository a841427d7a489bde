import { ActionIcon, Menu, Popover, Tooltip } from "@mantine/core";
import IconAlertTriangle from "@tabler/icons-react/dist/esm/icons/IconAlertTriangle.mjs";
import IconDotsVertical from "@tabler/icons-react/dist/esm/icons/IconDotsVertical.mjs";
import IconExternalLink from "@tabler/icons-react/dist/esm/icons/IconExternalLink.mjs";
import IconInfoCircle from "@tabler/icons-react/dist/esm/icons/IconInfoCircle.mjs";
import { lazy, Suspense, useState } from "react";

import { LazyMenu } from "../../../components/LazyMenu";
import { AsOf, Waiting } from "../../../components/Waiting";
import { linkTarget } from "../../../lib/dashboard/links";
import type { PanelModel } from "../../../lib/dashboard/model";
import { useEditor } from "../edit/EditorContext";
import type { PanelData } from "../usePanel";
import { LinkAnchor } from "./LinkAnchor";
import { PanelMenu } from "./PanelMenu";
import classes from "./panel.module.css";

const AnnotationDialog = lazy(async () => ({ default: (await import("../annotations/AnnotationDialog")).AnnotationDialog }));
const KeepDialog = lazy(async () => ({ default: (await import("../edit/KeepDialog")).KeepDialog }));

interface PanelHeaderProps {
  panel: PanelModel;
  title: string;
  data: PanelData;
  /** Without a title of its own: only the menu, over the content. */
  bare: boolean;
  editing: boolean;
}

/** A panel's title, what is to be known of it, and its menu. */
export function PanelHeader({ panel, title, data, bare, editing }: PanelHeaderProps) {
  const [annotating, setAnnotating] = useState(false);
  const [keeping, setKeeping] = useState(false);
  const editor = useEditor();
  const description = data.interpolate(panel.description);
  const links = panel.links.flatMap((link) => {
    const target = linkTarget(data.interpolate(link.url));
    return target ? [{ ...link, target, title: data.interpolate(link.title) || target.href }] : [];
  });
  const errors = data.answer?.errors ?? [];
  return (
    <header className={classes.header} data-bare={bare || undefined}>
      {!bare && (
        <h3 className={classes.title} title={title}>
          {title}
        </h3>
      )}
      {description !== "" && (
        <Tooltip multiline withArrow openDelay={100} events={{ hover: true, focus: true, touch: true }} label={<div className={classes.tip}>{description}</div>}>
          <button type="button" className={classes.badge} aria-label={`About ${title || "this panel"}: ${description}`}>
            <IconInfoCircle size={14} aria-hidden="true" />
          </button>
        </Tooltip>
      )}
      {links.length === 1 && links[0] && (
        <Tooltip label={links[0].title}>
          <LinkAnchor target={links[0].target} newTab={links[0].targetBlank} className={classes.badge} label={links[0].title}>
            <IconExternalLink size={14} aria-hidden="true" />
          </LinkAnchor>
        </Tooltip>
      )}
      {links.length > 1 && (
        <Menu position="bottom-start" withinPortal>
          <Menu.Target>
            <button type="button" className={classes.badge} aria-label="Links of the panel">
              <IconExternalLink size={14} aria-hidden="true" />
            </button>
          </Menu.Target>
          <Menu.Dropdown>
            {links.map((link, index) => (
              <Menu.Item key={`${index} ${link.title}`} component={LinkAnchor} target={link.target} newTab={link.targetBlank}>
                {link.title}
              </Menu.Item>
            ))}
          </Menu.Dropdown>
        </Menu>
      )}
      <span className={classes.space} />
      {!data.pending && <Waiting asked={data.asked} />}
      <AsOf at={data.at} failed={data.answer?.kept === true} />
      {data.time.label !== "" && !panel.hideTimeOverride && <span className={classes.time}>{data.time.label}</span>}
      {(errors.length > 0 || data.notices.length > 0) && (
        <Messages kind={errors.length > 0 ? "error" : "warning"} texts={[...errors.map((one) => (one.refId === "" ? one.message : `${one.refId}: ${one.message}`)), ...data.notices]} retry={errors.length > 0 ? data.refetch : undefined} />
      )}
      <LazyMenu
        position="bottom-end"
        target={
          <ActionIcon size={24} className={classes.menu} aria-label={`Menu of ${title || `panel ${panel.id}`}`}>
            <IconDotsVertical size={14} />
          </ActionIcon>
        }
      >
        <PanelMenu panel={panel} title={title} data={data} editing={editing} onAnnotate={() => setAnnotating(true)} onKeep={() => setKeeping(true)} />
      </LazyMenu>
      {keeping && editor && <Suspense fallback={null}><KeepDialog id={panel.id} title={title} editor={editor} onClose={() => setKeeping(false)} /></Suspense>}
      {annotating && <Suspense fallback={null}><AnnotationDialog panelId={panel.id} title={title || `panel ${panel.id}`} onClose={() => setAnnotating(false)} /></Suspense>}
    </header>
  );
}

/** What is wrong with what is shown; with `retry` what failed, and only that, is asked again. */
function Messages({ kind, texts, retry }: { kind: "error" | "warning"; texts: readonly string[]; retry: (() => void) | undefined }) {
  return (
    <Popover position="bottom-end" width={360} withinPortal>
      <Popover.Target>
        <button type="button" className={classes.badge} data-kind={kind} aria-label={`${kind === "error" ? "Errors" : "Remarks"}: ${texts.join(" ")}`} title={texts.join("\n")}>
          <IconAlertTriangle size={14} aria-hidden="true" />
        </button>
      </Popover.Target>
      <Popover.Dropdown>
        {texts.map((text) => (
          <p key={text} style={{ margin: "0 0 4px", overflowWrap: "anywhere" }}>
            {text}
          </p>
        ))}
        {retry && (
          <button type="button" className={classes.again} onClick={retry}>
            Ask again for what failed
          </button>
        )}
      </Popover.Dropdown>
    </Popover>
  );
}
