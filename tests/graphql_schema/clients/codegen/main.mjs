// Does what a page does with a real server, and prints what came of it.
import { connect, list, newest, undo } from "./page";

const { URL: url, COOKIE, CSRF } = process.env;
const client = connect(url, { Cookie: COOKIE, "X-CSRFToken": CSRF });
const entry = await newest(client, "testapp.author");
console.log(JSON.stringify({ listed: await list(client), changes: entry.changes, undone: await undo(client, entry.id) }));
