import classes from "./Skeleton.module.css";

/** What is being waited for: lines over time, a list or table, sentences, one number, or a page of several of them. */
export type Shape = "chart" | "rows" | "text" | "tile" | "page";

const parts = [
  ["tile", "tile", "tile", "tile"],
  ["chart", "chart", "chart"],
  ["rows", "rows"],
] as const;

/** The outline of what will be there, as large as what is around it. It says nothing to those who do not see it. */
export function Skeleton({ shape }: { shape: Shape }) {
  if (shape !== "page") return <div className={classes.skeleton} data-shape={shape} data-skeleton="" aria-hidden="true" />;
  return (
    <div className={classes.page}>
      {parts.map((row, at) => (
        // oxlint-disable-next-line react/no-array-index-key -- they are always the same
        <div key={at} className={classes.row}>
          {row.map((part, index) => (
            // oxlint-disable-next-line react/no-array-index-key -- they are always the same
            <div key={index} className={classes.place}>
              <Skeleton shape={part} />
            </div>
          ))}
        </div>
      ))}
    </div>
  );
}
