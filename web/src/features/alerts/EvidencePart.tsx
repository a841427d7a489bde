import { useState, type ReactNode } from "react";

import { evidenceOf, type Evidence, type EvidencePart as Part } from "../../api/evidence";
import { Notice } from "../../components/Notice";
import { Loading } from "../../components/status";
import { useTime } from "../../components/time/TimeContext";
import { useAnswerNow } from "../../components/useAnswerNow";

interface EvidencePartProps {
  part: Part;
  /** What the part is called on the page. */
  name: string;
  fingerprint: string;
  /** What was found when all was asked for. */
  whole: Evidence;
  children?: (found: Evidence) => ReactNode;
}

/** One part of the evidence. Where it is not complete it says why, and is asked again without the others. */
export function EvidencePart({ part, name, fingerprint, whole, children }: EvidencePartProps) {
  const { tick } = useTime();
  // With the next refresh all is asked anew.
  const [againAt, setAgainAt] = useState<number>();
  const again = againAt === tick;
  const alone = useAnswerNow(["alert", "evidence", fingerprint, part], ({ signal }) => evidenceOf(fingerprint, part, signal), { enabled: again });
  const ask = (): void => {
    if (again) void alone.refetch();
    else setAgainAt(tick);
  };
  if (again && alone.isFetching) return <Loading height={96} what={name} asked={alone.asked} />;
  const found = again && alone.isSuccess ? alone.data : whole;
  const fault = again && alone.isError ? alone.error.message : found.errors?.find((one) => one.part === part)?.error;
  return (
    <>
      {children?.(found)}
      {fault !== undefined && (
        <Notice action={{ label: "Ask again", run: ask }}>
          {name}: not complete: {fault}
        </Notice>
      )}
    </>
  );
}
