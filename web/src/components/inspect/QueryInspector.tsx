import { Button, Modal } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import * as z from "zod/mini";

import { baseURL, fetchJSON } from "../../api/client";
import { announce } from "../announce";
import { copyText } from "../clipboard";
import { Failure, Loading } from "../status";
import { useFocusBack } from "../useFocusBack";
import { formatValue } from "../../lib/units";
import { costs } from "./costs";
import type { Inspected } from "./QueryStats";
import classes from "./inspect.module.css";

// A whole answer may have megabytes.
const mostCharacters = 20_000;

/** A request once more, with what its parts cost: past the cache, so that there is something to account for. */
export function QueryInspector({ of, onClose }: { of: Inspected; onClose: () => void }) {
  useFocusBack();
  const params = { ...of.params, stats: "all" };
  const answer = useQuery({
    queryKey: ["inspect", of.path, params],
    gcTime: 0,
    retry: false,
    placeholderData: undefined,
    queryFn: async ({ signal }) => {
      const begun = performance.now();
      const body = await fetchJSON(of.path, z.unknown(), { params, signal });
      return { body, seconds: (performance.now() - begun) / 1000 };
    },
  });
  const request = new URLSearchParams(Object.entries(of.params).flatMap(([name, value]) => (value === undefined ? [] : [[name, String(value)]])));
  const address = `${baseURL()}${of.path}?${request}`;
  const text = answer.data ? JSON.stringify(answer.data.body, null, 2) : "";
  return (
    <Modal opened onClose={onClose} size="xl" title="The query's request and answer">
      <h3 className={classes.head}>Request</h3>
      <pre className={classes.text}>{[`GET ${of.path}`, ...[...request].map(([name, value]) => `  ${name}: ${value}`)].join("\n")}</pre>
      <Button size="compact-xs" variant="default" onClick={() => void copyText(address).then(() => announce("Address copied."))}>
        Copy the address
      </Button>
      {answer.isPending ? (
        <Loading height={160} what="the cost of each part" />
      ) : answer.isError ? (
        <Failure error={answer.error} retry={answer.refetch} what="The query" />
      ) : (
        <>
          <h3 className={classes.head}>Cost, past the cache</h3>
          <dl className={classes.costs} aria-label="Cost">
            <dt>asked and answered in</dt>
            <dd>{formatValue(answer.data.seconds, "s")}</dd>
            {costs(answer.data.body).map(({ name, value }) => (
              <div key={name} className={classes.cost}>
                <dt>{name}</dt>
                <dd>{value}</dd>
              </div>
            ))}
          </dl>
          <h3 className={classes.head}>Answer</h3>
          <pre className={classes.text} data-long>
            {text.slice(0, mostCharacters)}
          </pre>
          {text.length > mostCharacters && <p className={classes.note}>The first {formatValue(mostCharacters)} of {formatValue(text.length)} characters.</p>}
        </>
      )}
    </Modal>
  );
}
