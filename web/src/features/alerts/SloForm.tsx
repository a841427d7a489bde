import { Modal, TextInput } from "@mantine/core";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useState, type FormEvent } from "react";

import { saveSlo } from "../../api/slos";
import { FormEnd } from "./FormEnd";
import classes from "./alerts.module.css";

const fields = [
  ["service", "Service", "checkout"],
  ["operation", "Operation (all without it)", "POST /orders"],
  ["latency", "Slower than this is bad (failures alone without it)", "300ms"],
  ["objective", "Good calls, in percent", "99.9"],
  ["window", "Window", "30d"],
] as const;

/** Makes an objective over the calls that a service answers; `service` is what the form begins with. */
export function SloForm({ service = "", onClose }: { service?: string; onClose: () => void }) {
  const client = useQueryClient();
  const [values, setValues] = useState<Record<string, string>>({ service, objective: "99.9", window: "30d" });
  const text = (key: string): string => (values[key] ?? "").trim();
  const name = text("name") || `${text("service")}-${text("latency") === "" ? "availability" : "latency"}`.replaceAll(/[^a-zA-Z0-9_-]/g, "-");
  const objective = Number(text("objective"));
  const fault = text("service") === "" ? "The service is missing." : objective > 0 && objective < 100 ? "" : "The objective is a percentage below 100.";
  const save = useMutation({
    mutationFn: () =>
      saveSlo(name, {
        objective,
        window: text("window") || "30d",
        indicator: {
          span_metrics: {
            service: text("service"),
            ...(text("operation") === "" ? {} : { operation: text("operation") }),
            ...(text("latency") === "" ? {} : { latency: text("latency") }),
          },
        },
      }),
    onSuccess: async () => {
      await client.invalidateQueries({ queryKey: ["slos"] });
      onClose();
    },
  });
  const submit = (event: FormEvent): void => {
    event.preventDefault();
    if (fault === "") save.mutate();
  };
  return (
    <Modal opened onClose={onClose} title="New objective">
      <form className={classes.form} onSubmit={submit}>
        {fields.map(([key, label, example], index) => (
          <TextInput key={key} label={label} placeholder={example} data-autofocus={index === 0 || undefined} value={values[key] ?? ""} onChange={(event) => setValues({ ...values, [key]: event.currentTarget.value })} />
        ))}
        <TextInput label="Name" placeholder={text("service") === "" ? "checkout-availability" : name} value={values.name ?? ""} onChange={(event) => setValues({ ...values, name: event.currentTarget.value })} />
        <FormEnd action="Save" fault={fault} save={save} onClose={onClose} />
      </form>
    </Modal>
  );
}
