import classes from "./edit.module.css";

interface JsonFieldProps {
  label: string;
  value: string;
  onChange: (text: string) => void;
  rows: number;
}

/** A field for JSON in the fixed-width font. */
export function JsonField({ label, value, onChange, rows }: JsonFieldProps) {
  return <textarea className={classes.jsonField} aria-label={label} value={value} rows={rows} spellCheck={false} onChange={(event) => onChange(event.currentTarget.value)} />;
}
