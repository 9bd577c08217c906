// ask.cjs: a client. Each line on its standard input, {"url", "count", "kept", "from"}, is a number of requests, several at a time with a connection each,
// or one after the other over the one connection that is kept; its answer is a line with what the server said to each, or {"error"}.
const { Agent, get } = require("node:https");
const { createInterface } = require("node:readline");

const PATIENCE = 1000;
const kept = new Agent({ keepAlive: true, maxSockets: 1 });

const ask = (url, agent, localAddress) =>
    new Promise((resolve) => {
        const request = get(url, { agent, localAddress, rejectUnauthorized: false }, (response) => {
            let text = "";
            response.on("data", (data) => (text += data));
            response.on("end", () => resolve(JSON.parse(text)));
        });
        // Not the socket's own timeout: that would end a kept connection that is idle.
        const timer = setTimeout(() => request.destroy(new Error("no answer")), PATIENCE);
        request.on("error", (error) => resolve({ error: error.message }));
        request.on("close", () => clearTimeout(timer));
    });

createInterface({ input: process.stdin }).on("line", async (line) => {
    const { url, count, kept: isKept, from } = JSON.parse(line);
    const answers = isKept ? [] : await Promise.all(Array.from({ length: count }, () => ask(url, false, from)));
    while (answers.length < count) answers.push(await ask(url, kept, from));
    console.log(JSON.stringify(answers));
});
console.log("listening");
