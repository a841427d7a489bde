import type { Tested } from "../../../api/alertdesk";
import { StateBadge } from "../../../components/StateBadge";
import { formatValue } from "../../../lib/units";
import alertClasses from "../alerts.module.css";

/** What came of the test of a receiver, integration by integration. */
export function TestResults({ of, results, error }: { of: string; results: readonly Tested[] | undefined; error: Error | null }) {
  return (
    <>
      {error && (
        <div role="alert" className={alertClasses.error}>
          {error.message}
        </div>
      )}
      <div role="status" aria-label={`Test of ${of}`}>
        {results?.map((one) => (
          <div key={one.integration} className={alertClasses.cardHead}>
            <StateBadge tone={one.error ? "error" : "ok"}>{one.error ? "failed" : "taken"}</StateBadge>
            <span>{one.integration}</span>
            <span className={alertClasses.muted}>in {formatValue(one.seconds, "s")}</span>
            {one.error && <span className={alertClasses.error}>{one.error}</span>}
          </div>
        ))}
      </div>
    </>
  );
}
