// axe finds nothing on the pages of a server that wants to know who asks, before the login and behind it. The server at
// ORIEL_URL has no user yet: ORIEL_SETUP is the link that it has printed. ORIEL_STRANGER_URL is another, which stays so.
import { checkViews } from "./access.mjs";
import { populate, signIn } from "./people.mjs";
import { base } from "./step.mjs";
import { people } from "./views.mjs";

await populate(process.env.ORIEL_SETUP);
const of = (server) => people.filter((view) => view.server === server);
checkViews(of("stranger"), { stranger: process.env.ORIEL_STRANGER_URL });
checkViews(of("guarded"), { guarded: base }, (context) => signIn(context, base));
