import { Select, Switch, TagsInput, TextInput } from "@mantine/core";

import { bool, str, strs, type Obj } from "../../../../lib/dashboard/json";
import { linkTarget } from "../../../../lib/dashboard/links";
import { ListEditor } from "./ListEditor";

const made = (): Obj => ({ title: "New link", type: "link", url: "", tags: [], icon: "external link", tooltip: "", asDropdown: false, targetBlank: false, includeVars: false, keepTime: false });

/** The links at the top of the dashboard: to an address, or to all dashboards with some tags. */
export function LinkSettings({ links, onChange }: { links: readonly Obj[]; onChange: (links: readonly Obj[]) => void }) {
  return (
    <ListEditor label="Links" items={links} name="title" note={(link) => (str(link.type) === "dashboards" ? "by tags" : "address")} add="Add a link" made={made} hint="Links stand at the top of the dashboard: to an address, or to the dashboards that have some tags." onChange={onChange}>
      {(link, put) => {
        const tagged = str(link.type) === "dashboards";
        const text = (label: string, member: string, description?: string) => (
          <TextInput label={label} {...(description ? { description } : {})} value={str(link[member])} onChange={(event) => put([member], event.currentTarget.value)} />
        );
        const flag = (label: string, member: string) => <Switch label={label} checked={bool(link[member])} onChange={(event) => put([member], event.currentTarget.checked)} />;
        const url = str(link.url);
        return (
          <>
            {text("Title", "title")}
            <Select label="Leads to" allowDeselect={false} data={[{ value: "link", label: "An address" }, { value: "dashboards", label: "Dashboards with tags" }]} value={tagged ? "dashboards" : "link"} onChange={(type) => put(["type"], type)} />
            {tagged ? (
              <>
                <TagsInput label="Tags" value={strs(link.tags)} onChange={(tags) => put(["tags"], tags)} />
                {flag("As a menu", "asDropdown")}
              </>
            ) : (
              <TextInput label="Address" placeholder="/d/uid, or https://wiki/…" value={url} error={url !== "" && !linkTarget(url) ? "Addresses of this kind are not followed." : undefined} onChange={(event) => put(["url"], event.currentTarget.value)} />
            )}
            {text("Tooltip", "tooltip")}
            {flag("Takes the time range along", "keepTime")}
            {flag("Takes the variables along", "includeVars")}
            {flag("In a new tab", "targetBlank")}
          </>
        );
      }}
    </ListEditor>
  );
}
