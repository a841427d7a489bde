import { Button, Checkbox, Group, Modal, TextInput } from "@mantine/core";
import { useState, type FormEvent } from "react";

import type { IntervalConfig, IntervalRange, RoutingConfig } from "../../../api/routing";
import { FormEnd } from "../FormEnd";
import { Sure } from "../Sure";
import { days, daysIn, rangesOf } from "../week";
import { WeekGrid } from "../WeekGrid";
import { intervalsIn, namesIn } from "./draft";
import alertClasses from "../alerts.module.css";

interface IntervalFormProps {
  config: RoutingConfig;
  before: IntervalConfig | undefined;
  onDone: (interval: IntervalConfig) => void;
  onClose: () => void;
}

const idle = { isPending: false, error: null };
const clock = /^(?:[01]\d|2[0-3]):[0-5]\d$|^24:00$/;

/** Names times of the week, with the week as it will be. */
export function IntervalForm({ config, before, onDone, onClose }: IntervalFormProps) {
  const [name, setName] = useState(before?.name ?? "");
  const [ranges, setRanges] = useState<IntervalRange[]>(before?.time_intervals ?? [{ times: [{ start_time: "00:00", end_time: "24:00" }], weekdays: ["saturday:sunday"] }]);
  const taken = name.trim() !== before?.name && intervalsIn(config).some((one) => one.name === name.trim());
  const badClock = ranges.flatMap((range) => (range.times ?? []).flatMap((time) => [time.start_time, time.end_time])).find((text) => !clock.test(text));
  const faults = [
    name.trim() === "" ? "The times have no name." : "",
    taken ? `There are times of the name ${name.trim()} already.` : "",
    ranges.length === 0 ? "Add a range." : "",
    badClock === undefined ? "" : `"${badClock}" is no time of day; write 09:00 or 24:00.`,
  ].filter((fault) => fault !== "");
  const submit = (event: FormEvent): void => {
    event.preventDefault();
    if (faults.length > 0) return;
    onDone({ name: name.trim(), time_intervals: ranges });
    onClose();
  };
  return (
    <Modal opened onClose={onClose} title={before ? `Change ${before.name}` : "New times"} size="lg" closeOnEscape={false} closeOnClickOutside={false}>
      <form className={alertClasses.form} onSubmit={submit}>
        <TextInput label="Name" data-autofocus placeholder="weekends" value={name} onChange={(event) => setName(event.currentTarget.value)} />
        {ranges.map((range, index) => (
          // A range is where it stands: it has no name.
          // oxlint-disable-next-line react/no-array-index-key
          <RangeFields key={index} number={index + 1} range={range} onChange={(next) => setRanges(ranges.with(index, next))} onRemove={() => setRanges(ranges.toSpliced(index, 1))} />
        ))}
        <div className={alertClasses.actions}>
          <Button size="compact-sm" variant="default" onClick={() => setRanges([...ranges, { times: [{ start_time: "22:00", end_time: "24:00" }] }])}>
            Add range
          </Button>
        </div>
        {badClock === undefined && <WeekGrid name={name.trim() || "the times"} intervals={ranges} />}
        <FormEnd action="Apply" fault={faults[0] ?? ""} save={idle} onClose={onClose} />
      </form>
    </Modal>
  );
}

function RangeFields({ number, range, onChange, onRemove }: { number: number; range: IntervalRange; onChange: (range: IntervalRange) => void; onRemove: () => void }) {
  const put = (key: keyof IntervalRange, value: string[] | string | undefined): void => {
    const { [key]: _before, ...rest } = range;
    onChange(value === undefined || value.length === 0 ? rest : { ...rest, [key]: value });
  };
  const [more, setMore] = useState({ months: range.months?.join(", ") ?? "", days_of_month: range.days_of_month?.join(", ") ?? "", years: range.years?.join(", ") ?? "" });
  const listed = (key: keyof typeof more, label: string, placeholder: string) => (
    <TextInput
      label={label}
      placeholder={placeholder}
      value={more[key]}
      onChange={(event) => {
        setMore({ ...more, [key]: event.currentTarget.value });
        put(key, namesIn(event.currentTarget.value));
      }}
    />
  );
  const time = range.times?.[0];
  const clockField = (key: "start_time" | "end_time", label: string, usual: string) => (
    <TextInput
      label={label}
      placeholder={usual}
      value={time?.[key] ?? ""}
      onChange={(event) => {
        const text = event.currentTarget.value;
        const next = { start_time: "00:00", end_time: "24:00", ...time, [key]: text };
        const { times = [], ...rest } = range;
        onChange(text === "" && times.length <= 1 ? rest : { ...rest, times: [next, ...times.slice(1)] });
      }}
    />
  );
  return (
    <fieldset className={alertClasses.fieldset}>
      <legend>
        Range {number} <Sure action="Remove" of={`range ${number}`} onSure={onRemove} />
      </legend>
      <Checkbox.Group label="On" description="None is every day" value={daysIn(range.weekdays)} onChange={(chosen) => put("weekdays", rangesOf(chosen))}>
        <Group gap="xs">
          {days.map((day) => (
            <Checkbox key={day} size="xs" value={day} label={day.slice(0, 3)} aria-label={day} />
          ))}
        </Group>
      </Checkbox.Group>
      <div className={alertClasses.fields}>
        {clockField("start_time", "From", "00:00")}
        {clockField("end_time", "To", "24:00")}
        <TextInput label="Time zone" placeholder="UTC" value={range.location ?? ""} onChange={(event) => put("location", event.currentTarget.value)} />
      </div>
      <div className={alertClasses.fields}>
        {listed("months", "Months", "december:january")}
        {listed("days_of_month", "Days of the month", "1:5, -3:-1")}
        {listed("years", "Years", "2026:2027")}
      </div>
    </fieldset>
  );
}
