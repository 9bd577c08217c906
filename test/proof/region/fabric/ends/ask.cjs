// ask.cjs: a client. Each line on its standard input, {"url", "count", "kept", "from", "patience"}, is a number of requests, several at a time with a connection each,
// or one after the other over the one connection that is kept; its answer is a line with what the server said to each, or {"error"}.
const { Agent, get } = require("node:https");
const { createInterface } = require("node:readline");

const kept = new Agent({ keepAlive: true, maxSockets: 1 });

const ask = ({ url, from, patience }, agent) =>
    new Promise((resolve) => {
        const request = get(url, { agent, localAddress: from, rejectUnauthorized: false }, (response) => {
            let text = "";
            response.on("data", (data) => (text += data));
            response.on("end", () => resolve(JSON.parse(text)));
        });
        // Not the socket's own timeout: that would end a kept connection that is idle.
        const timer = setTimeout(() => request.destroy(new Error("no answer")), patience);
        request.on("error", (error) => resolve({ error: error.message }));
        request.on("close", () => clearTimeout(timer));
    });

createInterface({ input: process.stdin }).on("line", async (line) => {
    const question = JSON.parse(line);
    const { count } = question;
    const answers = question.kept ? [] : await Promise.all(Array.from({ length: count }, () => ask(question, false)));
    while (answers.length < count) answers.push(await ask(question, kept));
    console.log(JSON.stringify(answers));
});
console.log("listening");
