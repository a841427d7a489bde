import { Button, Switch, VisuallyHidden } from "@mantine/core";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";

import { correlations, saveCorrelations, type Correlations as Kept } from "../../api/correlations";
import { Empty, Failure, Loading } from "../../components/status";
import { Table, type TableColumn } from "../../components/Table";
import { defaultRules, type Rule } from "../../lib/correlate/rules";
import { RuleForm } from "./RuleForm";
import { aroundText, subjectTitles, targetTitles } from "./ruleWords";
import classes from "./settings.module.css";

/** The ways from one signal to another: people's own, and the page's, which can be switched off. */
export function Correlations() {
  const client = useQueryClient();
  const kept = useQuery({ queryKey: ["correlations"], queryFn: ({ signal }) => correlations(signal) });
  const [editing, setEditing] = useState<Rule | "new">();
  const save = useMutation({
    mutationFn: (next: Kept) => saveCorrelations(next),
    onSuccess: () => setEditing(undefined),
    // After a conflict, too: what somebody else has made is to be seen.
    onSettled: () => client.invalidateQueries({ queryKey: ["correlations"] }),
  });
  if (kept.isPending) return <Loading height={320} what="rules" asked={[["correlations"]]} />;
  if (kept.isError) return <Failure error={kept.error} retry={kept.refetch} what="Asking for the rules" />;
  const { data } = kept;
  const put = (rule: Rule): void => save.mutate({ ...data, rules: data.rules.some(({ id }) => id === rule.id) ? data.rules.map((one) => (one.id === rule.id ? rule : one)) : [...data.rules, rule] });

  const common: TableColumn<Rule>[] = [
    { key: "title", header: "Offered as", width: "minmax(140px, 1.4fr)", cell: (row) => row.title, sort: (row) => row.title },
    { key: "from", header: "On", width: "minmax(120px, 1fr)", cell: (row) => row.from.map((kind) => subjectTitles[kind]).join(", ") },
    { key: "to", header: "Leads to", width: "90px", cell: (row) => targetTitles[row.to], sort: (row) => row.to },
    { key: "queries", header: "With", width: "minmax(180px, 2.4fr)", cell: (row) => <code title={row.queries.join("\n")}>{row.queries.join(" · ")}</code> },
    { key: "around", header: "Time", width: "minmax(110px, 1fr)", cell: (row) => aroundText(row.around) },
  ];
  const own: TableColumn<Rule>[] = [
    ...common,
    {
      key: "tools",
      header: <VisuallyHidden>Actions</VisuallyHidden>,
      width: "130px",
      align: "right",
      cell: (row) => (
        <>
          <Button size="compact-xs" variant="default" aria-label={`Edit ${row.title}`} onClick={() => setEditing(row)}>
            Edit
          </Button>
          <Button size="compact-xs" variant="default" color="error" ml={4} aria-label={`Remove ${row.title}`} onClick={() => save.mutate({ ...data, rules: data.rules.filter(({ id }) => id !== row.id) })}>
            Remove
          </Button>
        </>
      ),
    },
  ];
  const builtIn: TableColumn<Rule>[] = [
    ...common,
    {
      key: "on",
      header: "On",
      width: "56px",
      cell: (row) => (
        <Switch
          aria-label={`Offer ${row.title}`}
          checked={!data.off.includes(row.id)}
          onChange={(event) => save.mutate({ ...data, off: event.currentTarget.checked ? data.off.filter((id) => id !== row.id) : [...data.off, row.id] })}
        />
      ),
    },
  ];
  return (
    <div className={classes.wide}>
      <p className={classes.muted}>
        What the menu of a series, a line, a span, an alert or a service offers. Rules are for everybody; a rule applies where all that its queries name in
        double braces is known.
      </p>
      {save.isError && <Failure error={save.error} what="The change" />}
      {editing === undefined ? (
        <Button onClick={() => setEditing("new")}>New rule</Button>
      ) : (
        <RuleForm key={editing === "new" ? "new" : editing.id} before={editing === "new" ? undefined : editing} taken={[...data.rules, ...defaultRules].map(({ id }) => id)} save={put} saving={save.isPending} cancel={() => setEditing(undefined)} />
      )}
      <h2 className={classes.heading}>Own rules</h2>
      {data.rules.length === 0 ? <Empty title="There is none yet" height={60} /> : <Table label="Own rules" columns={own} rows={data.rules} rowKey={(row) => row.id} />}
      <h2 className={classes.heading}>Rules that come with the page</h2>
      <Table label="Rules that come with the page" columns={builtIn} rows={defaultRules} rowKey={(row) => row.id} />
    </div>
  );
}
