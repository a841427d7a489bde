import { queryRange } from "../../api/prom";
import { useTime } from "../../components/time/TimeContext";
import { useAnswer } from "../../components/useAnswer";

/** Rows that came in a second, by signal. */
export function useIngest() {
  const { range } = useTime();
  return useAnswer(["overview", "ingest"], ({ signal }) => queryRange({ query: `sum by (signal) (rate(oriel_ingest_rows_total[3m]))`, range, points: 60 }, signal));
}
