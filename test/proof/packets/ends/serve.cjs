// serve.cjs PORT…: takes connections on TCP ports, and says nothing.
const { createServer } = require("node:net");

const listening = process.argv.slice(2).map(
    (port) =>
        new Promise((resolve, reject) =>
            createServer((socket) => socket.on("error", () => undefined).end())
                .on("error", reject)
                .listen(Number(port), "0.0.0.0", resolve),
        ),
);
Promise.all(listening).then(() => console.log("listening"));
