// ask.cjs: a client. Each line on its standard input, {"lookups": [{"name", "resolver"}], "tries": [{"address", "port", "from"}], "patience"}, is
// names to look up and then connections to open; its answer is a line {"addresses": [[…] or null], "opened": "0110…"}.
const { Resolver } = require("node:dns").promises;
const { connect } = require("node:net");
const { createInterface } = require("node:readline");

const SIDE_BY_SIDE = 400;

const lookUp = async ({ name, resolver }, patience) => {
    const asking = new Resolver({ timeout: patience, tries: 1 });
    asking.setServers([resolver]);
    return asking.resolve4(name).catch(() => null);
};

const open = ({ address, port, from }, patience) =>
    new Promise((resolve) => {
        const socket = connect({ host: address, port, localAddress: from });
        const end = (opened) => {
            clearTimeout(timer);
            socket.destroy();
            resolve(opened);
        };
        const timer = setTimeout(() => end("0"), patience);
        socket.on("connect", () => end("1")).on("error", () => end("0"));
    });

createInterface({ input: process.stdin }).on("line", async (line) => {
    const { lookups, tries, patience } = JSON.parse(line);
    const addresses = await Promise.all(lookups.map((each) => lookUp(each, patience)));
    const opened = [];
    const waiting = [...tries.entries()];
    const one = async () => {
        for (let next = waiting.shift(); next; next = waiting.shift()) opened[next[0]] = await open(next[1], patience);
    };
    await Promise.all(Array.from({ length: SIDE_BY_SIDE }, one));
    console.log(JSON.stringify({ addresses, opened: opened.join("") }));
});
console.log("listening");
