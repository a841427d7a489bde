import { Button } from "@mantine/core";

import classes from "./alerts.module.css";

interface FormEndProps {
  /** What the button says that sends the form. */
  action: string;
  /** What keeps the form from being sent; "" for nothing. */
  fault: string;
  save: { isPending: boolean; error: Error | null };
  onClose: () => void;
}

/** The end of every form: what the server refused, what is still missing, and the way out. */
export function FormEnd({ action, fault, save, onClose }: FormEndProps) {
  return (
    <>
      {save.error && (
        <div role="alert" className={classes.error}>
          {save.error.message}
        </div>
      )}
      <div className={classes.formEnd}>
        <span className={classes.muted}>{fault}</span>
        <Button variant="default" onClick={onClose}>
          Cancel
        </Button>
        <Button type="submit" disabled={fault !== ""} loading={save.isPending}>
          {action}
        </Button>
      </div>
    </>
  );
}
