import { Button, Select, TextInput } from "@mantine/core";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { useEffect, useId, useRef, useState, type DragEvent } from "react";

import { fetchText } from "../../api/client";
import { createDashboard, createFolder, listDashboards, listFolders } from "../../api/dashboards";
import { Notice } from "../../components/Notice";
import { Failure } from "../../components/status";
import { usePageTitle } from "../../components/pageTitle";
import type { Source } from "../../lib/dashboard/datasource";
import { sourceTypeOf } from "../../lib/dashboard/datasource";
import { importAddress } from "../../lib/dashboard/importAddress";
import { fillInputs, importReport, splitDashboards, uidOf, withUid, type ImportReport } from "../../lib/dashboard/importReport";
import { transformIds } from "../../lib/dashboard/transform";
import { counted } from "../../lib/units";
import { panelTypes } from "../../viz/registry";
import { filesOf } from "./droppedFiles";
import { useSources } from "./useSources";
import classes from "./list.module.css";

/** A dashboard on its way in. */
interface Candidate {
  id: number;
  /** Where it came from. */
  from: string;
  report: ImportReport | { error: string };
}

const none: readonly Source[] = [];

// A text of this length is read at once: laying out tens of thousands of lines in a field takes a browser seconds.
const manyCharacters = 20_000;

/** Takes dashboards in: pasted, as files, or a whole folder. */
export function ImportPage() {
  usePageTitle("Import dashboards", "Dashboards");
  const sources = useSources() ?? none;
  const [candidates, setCandidates] = useState<readonly Candidate[]>([]);
  const [pasted, setPasted] = useState("");
  const [over, setOver] = useState(false);
  const [folder, setFolder] = useState("");
  const next = useRef(0);
  // How each that waits is imported; what cannot be so is left where it is.
  const waiting = useRef(new Map<number, () => Promise<unknown>>());
  const importAll = useMutation({
    mutationFn: async () => {
      const runs = Array.from(waiting.current.values());
      // One after the other: a folder may have hundreds, and one that fails says so itself.
      // oxlint-disable-next-line no-await-in-loop
      for (const run of runs) await run().catch(() => undefined);
    },
  });
  const files = useRef<HTMLInputElement>(null);
  const tree = useRef<HTMLInputElement>(null);
  const pasteId = useId();

  const add = (text: string, from: string): void => {
    const known = { panelTypes: new Set(panelTypes.keys()), transformations: new Set(transformIds), sources };
    const read = splitDashboards(text).map((one): Candidate => ({ id: next.current++, from, report: importReport(one, known) }));
    setCandidates((before) => [...before, ...read]);
  };
  const [gallery, setGallery] = useState<{ id: string; download: string }>();
  const fromHere = useMutation({ mutationFn: (path: string) => fetchText(path, new AbortController().signal), onSuccess: (text, path) => add(text, path) });
  const addFiles = async (list: readonly File[]): Promise<void> => {
    const texts = await Promise.all(list.filter((file) => file.name.endsWith(".json")).map(async (file) => ({ name: file.name, text: await file.text() })));
    for (const { name, text } of texts) add(text, name);
  };
  const drop = (event: DragEvent): void => {
    event.preventDefault();
    setOver(false);
    void filesOf(event.dataTransfer).then(addFiles);
  };

  return (
    <div className={classes.page}>
      {/* Dropping is one way of three: the buttons do the same by key. */}
      {/* oxlint-disable-next-line jsx-a11y/no-noninteractive-element-interactions */}
      <div
        className={classes.drop}
        data-over={over || undefined}
        role="region"
        aria-label="Drop files here"
        onDragOver={(event) => {
          event.preventDefault();
          setOver(true);
        }}
        onDragLeave={() => setOver(false)}
        onDrop={drop}
      >
        Drop files or a folder of dashboards here, or{" "}
        <Button variant="default" onClick={() => files.current?.click()}>
          choose files
        </Button>{" "}
        <Button variant="default" onClick={() => tree.current?.click()}>
          choose a folder
        </Button>
        <input ref={files} type="file" accept=".json,application/json" multiple hidden aria-label="Files" onChange={(event) => void addFiles([...(event.currentTarget.files ?? [])])} />
        <input ref={tree} type="file" hidden aria-label="Folder" onChange={(event) => void addFiles([...(event.currentTarget.files ?? [])])} {...{ webkitdirectory: "" }} />
      </div>
      <form
        className={classes.paste}
        onSubmit={(event) => {
          event.preventDefault();
          if (pasted.trim() === "") return;
          const address = importAddress(pasted, location.origin);
          setGallery(address?.kind === "gallery" ? address : undefined);
          if (address?.kind === "gallery") return;
          if (address) fromHere.mutate(address.path);
          else add(pasted, "pasted");
          setPasted("");
        }}
      >
        <label htmlFor={pasteId}>Or paste the JSON of a dashboard</label>
        <textarea
          id={pasteId}
          value={pasted}
          spellCheck={false}
          onChange={(event) => setPasted(event.currentTarget.value)}
          onPaste={(event) => {
            const text = event.clipboardData.getData("text/plain");
            if (text.length < manyCharacters || pasted.trim() !== "") return;
            event.preventDefault();
            add(text, "pasted");
          }}
        />
        <Button type="submit" disabled={pasted.trim() === ""} loading={fromHere.isPending}>
          Read it
        </Button>
        {" "}
        <span className={classes.counts}>or its path on this server, such as /d/uid</span>
      </form>
      {gallery && (
        <Notice>
          Oriel asks no server on the internet.{" "}
          <a href={gallery.download} target="_blank" rel="noopener noreferrer">
            Download dashboard {gallery.id} of grafana.com
          </a>{" "}
          and drop the file here.
        </Notice>
      )}
      {fromHere.isError && <Failure error={fromHere.error} what="Asking this server for it" />}
      {candidates.length > 0 && <FolderChoice value={folder} onChange={setFolder} />}
      {candidates.length > 1 && (
        <div className={classes.tools}>
          <Button loading={importAll.isPending} onClick={() => importAll.mutate()}>
            Import all
          </Button>
          <span className={classes.counts}>{counted(candidates.length, "dashboard")}; those with a problem wait for an answer</span>
        </div>
      )}
      {candidates.map((candidate) => (
        <Report key={candidate.id} candidate={candidate} sources={sources} folder={folder} waiting={waiting.current} onRemove={() => setCandidates((before) => before.filter((one) => one.id !== candidate.id))} />
      ))}
    </div>
  );
}

function FolderChoice({ value, onChange }: { value: string; onChange: (uid: string) => void }) {
  const client = useQueryClient();
  const folders = useQuery({ queryKey: ["folders"], queryFn: ({ signal }) => listFolders(signal), retry: false });
  const [name, setName] = useState("");
  const make = useMutation({
    mutationFn: createFolder,
    onSuccess: (made) => {
      setName("");
      onChange(made.uid);
      return client.invalidateQueries({ queryKey: ["folders"] });
    },
  });
  return (
    <div className={classes.tools}>
      <Select label="Into the folder" w={220} data={[{ value: "", label: "None" }, ...(folders.data ?? []).map((one) => ({ value: one.uid, label: one.title }))]} value={value} onChange={(uid) => onChange(uid ?? "")} />
      <TextInput label="Or a new one" value={name} onChange={(event) => setName(event.currentTarget.value)} />
      <Button variant="default" mt={18} disabled={name.trim() === ""} loading={make.isPending} onClick={() => make.mutate(name.trim())}>
        Make the folder
      </Button>
      {make.isError && <Failure error={make.error} what="Making the folder" />}
    </div>
  );
}

interface ReportProps {
  candidate: Candidate;
  sources: readonly Source[];
  folder: string;
  waiting: Map<number, () => Promise<unknown>>;
  onRemove: () => void;
}

function Report({ candidate, onRemove, ...rest }: ReportProps) {
  const { report, from, id } = candidate;
  if ("error" in report) {
    return (
      <section className={classes.report} aria-label={from}>
        <div className={classes.reportHead}>
          <h3>{from}</h3>
          <span className={classes.error}>{report.error}</span>
          <Button variant="subtle" onClick={onRemove}>
            Dismiss
          </Button>
        </div>
      </section>
    );
  }
  return <Readable id={id} report={report} from={from} onRemove={onRemove} {...rest} />;
}

function Readable({ id, report, from, sources, folder, waiting, onRemove }: { id: number; report: ImportReport; from: string } & Omit<ReportProps, "candidate">) {
  const client = useQueryClient();
  const taken = useQuery({ queryKey: ["dashboards", "list", "uids"], queryFn: ({ signal }) => listDashboards({}, signal) });
  const [inputs, setInputs] = useState<Record<string, string>>(() => Object.fromEntries(report.inputs.map((input) => [input.name, firstFor(input, sources)])));
  const [given, setGiven] = useState(report.dashboard.uid || uidOf(report.dashboard.title));
  const [replace, setReplace] = useState(false);
  const conflict = (taken.data ?? []).find((one) => one.uid === given);
  const save = useMutation({
    mutationFn: () => {
      const wanted = wantedUid(fillInputs(report.raw, inputs), given);
      return createDashboard(
        { dashboard: wanted, ...(folder === "" ? {} : { folderUid: folder }), message: from === "pasted" ? "Imported" : `Imported from ${from}`, overwrite: replace },
        // What nothing had to be filled into is kept as it came.
        wanted === report.raw ? report.text : undefined,
      );
    },
    onSuccess: () => client.invalidateQueries({ queryKey: ["dashboards"] }),
  });
  const { mutateAsync, isSuccess } = save;
  const ready = !isSuccess && taken.isSuccess && (conflict === undefined || replace);
  useEffect(() => {
    if (ready) waiting.set(id, () => mutateAsync());
    return () => void waiting.delete(id);
  }, [ready, waiting, id, mutateAsync]);
  const total = report.drawn + report.degraded + report.missing;
  return (
    <section className={classes.report} aria-label={report.dashboard.title}>
      <div className={classes.reportHead}>
        <h3>{report.dashboard.title}</h3>
        <span className={classes.counts}>
          {from} · schema {report.dashboard.schemaVersion || "unknown"} · {counted(total, "panel")}: {report.drawn} drawn, {report.degraded} in part, {report.missing} not
        </span>
        {save.data ? (
          <Link to="/d/$uid" params={{ uid: save.data.uid || given }} search={{}}>
            Imported: open it
          </Link>
        ) : (
          <>
            <Button loading={save.isPending} disabled={conflict !== undefined && !replace} onClick={() => save.mutate()}>
              Import
            </Button>
            <Button variant="subtle" onClick={onRemove}>
              Leave out
            </Button>
          </>
        )}
      </div>
      {[...report.notices, ...report.problems.map((problem) => `${problem.text} (${problem.panels})`)].map((text) => (
        <div key={text} className={classes.problem}>
          {text}
        </div>
      ))}
      {conflict && !save.data && (
        <div className={classes.mapping}>
          <span>
            The uid belongs to “{conflict.title}”{conflict.provisioned ? ", which comes from a file" : ""}.
          </span>
          {!conflict.provisioned && (
            <Button variant="default" aria-pressed={replace} onClick={() => setReplace(!replace)}>
              {replace ? "It will be replaced" : "Replace it"}
            </Button>
          )}
          <TextInput aria-label="Another uid" value={given} onChange={(event) => setGiven(event.currentTarget.value)} />
        </div>
      )}
      {report.inputs.length > 0 && (
        <div className={classes.mapping}>
          {report.inputs.map((input) =>
            input.type === "datasource" ? (
              <Select
                key={input.name}
                label={input.label || input.name}
                data={sources.filter((one) => one.type === sourceTypeOf(input.pluginId)).map((one) => ({ value: one.uid, label: one.name }))}
                value={inputs[input.name] ?? null}
                placeholder={`No source of type ${input.pluginId}`}
                onChange={(uid) => setInputs((before) => ({ ...before, [input.name]: uid ?? "" }))}
              />
            ) : (
              <TextInput key={input.name} label={input.label || input.name} value={inputs[input.name] ?? ""} onChange={(event) => setInputs({ ...inputs, [input.name]: event.currentTarget.value })} />
            ),
          )}
        </div>
      )}
      {save.isError && <Failure error={save.error} what="Importing" />}
    </section>
  );
}

/** The JSON as it came when its uid is the wanted one. */
function wantedUid(raw: ImportReport["raw"], uid: string): ImportReport["raw"] {
  return raw.uid === uid ? raw : withUid(raw, uid);
}

function firstFor(input: ImportReport["inputs"][number], sources: readonly Source[]): string {
  if (input.type !== "datasource") return input.value;
  const type = sourceTypeOf(input.pluginId);
  return (sources.find((one) => one.type === type && one.isDefault) ?? sources.find((one) => one.type === type))?.uid ?? "";
}
