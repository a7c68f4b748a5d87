// llama.cpp, prebuilt in the package node-llama-cpp, doing what `peers.py` says on its standard input; see `main.rs`.
//
//     node llama.mjs FILE.gguf        with node_modules in the working folder
import { createRequire } from "node:module";
import { createInterface } from "node:readline";
import { pathToFileURL } from "node:url";

const require = createRequire(`${process.cwd()}/`);
const { getLlama } = await import(pathToFileURL(require.resolve("node-llama-cpp")));
const llama = await getLlama({ gpu: false, build: "never", maxThreads: 1, logLevel: "error" });
const model = await llama.loadModel({ modelPath: process.argv[2] });
const context = await model.createContext({ contextSize: 512, batchSize: 512, threads: 1 });
const sequence = context.getSequence();
const words = (count, turn) => Array.from({ length: count }, (_, k) => ((k * 7 + turn * 5) % 26) + 64);
let last = words(1, 0);

async function tokensAfter(tokens, count) {
    const found = [];
    for await (const token of sequence.evaluate(tokens, { temperature: 0 })) {
        found.push(token);
        if (found.length >= count) break;
    }
    return found;
}

const does = {
    async prefill(count, turn) {
        await sequence.clearHistory();
        last = words(count, turn);
        const [next] = await tokensAfter(last, 1);
        last = [next];
        return next;
    },
    async decode(count) {
        const found = await tokensAfter(last, count);
        last = [found[found.length - 1]];
        return last[0];
    },
};

console.log("{}");
for await (const line of createInterface({ input: process.stdin })) {
    const [what, ...numbers] = line.split(" ");
    console.log(JSON.stringify({ tokens: [await does[what](...numbers.map(Number))] }));
}
process.exit(0);
