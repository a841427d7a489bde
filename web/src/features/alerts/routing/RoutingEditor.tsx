import { SegmentedControl } from "@mantine/core";
import { useMutation } from "@tanstack/react-query";
import { useState } from "react";

import { checkDraft, type Configuration } from "../../../api/routing";
import { Panel } from "../../../components/Panel";
import { Failure, Loading } from "../../../components/status";
import { WhoHears } from "../WhoHears";
import { ContactPoints } from "./ContactPoints";
import { Inhibitions } from "./Inhibitions";
import { Intervals } from "./Intervals";
import { RouteTree } from "./RouteTree";
import { SaveBar } from "./SaveBar";
import { useRoutingDraft } from "./useRoutingDraft";
import { YamlEditor } from "./YamlEditor";

interface RoutingEditorProps {
  of: Configuration;
  /** Whether it begins with a new contact point. */
  adding: boolean;
  onClose: () => void;
}

/** Changes who hears of what: as forms or as YAML. Nothing is in force before it is saved. */
export function RoutingEditor({ of, adding, onClose }: RoutingEditorProps) {
  const draft = useRoutingDraft(of);
  const [yaml, setYaml] = useState<string | undefined>("yaml" in draft.draft ? draft.draft.yaml : undefined);
  // Each of the two is made of the other by the server, which knows both.
  const turn = useMutation({
    mutationFn: () => checkDraft(draft.draft),
    onSuccess: (checked) => {
      if (yaml === undefined) setYaml(checked.yaml);
      else if (checked.config) {
        if (draft.changed) draft.read(checked.config);
        setYaml(undefined);
      }
    },
  });
  const unread = yaml !== undefined && turn.data !== undefined && turn.data.config === undefined;
  return (
    <>
      <Panel
        title="Unsaved routing"
        actions={
          <SegmentedControl
            size="xs"
            aria-label="Edit as"
            disabled={turn.isPending}
            data={[
              { value: "forms", label: "Forms" },
              { value: "yaml", label: "YAML" },
            ]}
            value={yaml === undefined ? "forms" : "yaml"}
            onChange={() => turn.mutate()}
          />
        }
      >
        {turn.isError && <Failure error={turn.error} retry={() => turn.mutate()} what="Reading the draft" />}
        {unread && <div role="alert">The text cannot be read as a configuration: put that right first.</div>}
        <SaveBar of={draft} onClose={onClose} />
      </Panel>
      <Panel title="Which receiver gets these labels, by the draft?">
        <WhoHears draft={draft.draft} onHits={() => {}} />
      </Panel>
      {turn.isPending && <Loading height={320} what="the draft" />}
      {!turn.isPending && yaml === undefined && (
        <>
          <ContactPoints of={draft} adding={adding} />
          <RouteTree of={draft} />
          <Intervals of={draft} />
          <Inhibitions of={draft} />
        </>
      )}
      {!turn.isPending && yaml !== undefined && (
        <Panel title="Configuration" flush>
          <YamlEditor
            label="Alertmanager configuration"
            value={yaml}
            problems={draft.checked?.problems ?? []}
            onChange={(text) => {
              setYaml(text);
              draft.write(text);
            }}
          />
        </Panel>
      )}
    </>
  );
}
