/** Whose password a form asks for: password managers look for that, people do not. */
export function UserField({ name }: { name: string }) {
  return <input type="text" name="username" autoComplete="username" value={name} readOnly hidden />;
}
