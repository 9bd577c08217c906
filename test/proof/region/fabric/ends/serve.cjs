// serve.cjs NAME PORT KEY CERTIFICATE: a machine that answers over HTTPS with its name and who asked. What its `/readyz` answers is what
// the last line on its standard input says: a status, or `silence`.
const { readFileSync } = require("node:fs");
const { createServer } = require("node:https");
const { createInterface } = require("node:readline");

const [name, port, key, certificate] = process.argv.slice(2);
let readiness = "200";
createInterface({ input: process.stdin }).on("line", (line) => (readiness = line));

const options = { key: readFileSync(key), cert: readFileSync(certificate), keepAliveTimeout: 60_000 };
createServer(options, (request, response) => {
    if (request.url !== "/readyz") {
        const { remoteAddress, remotePort } = request.socket;
        response.end(JSON.stringify({ name, from: remoteAddress, port: remotePort }));
    } else if (readiness !== "silence") {
        response.writeHead(Number(readiness)).end();
    }
}).listen(Number(port), () => console.log("listening"));
