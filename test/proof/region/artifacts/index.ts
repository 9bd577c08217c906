/** What machines are made of: programs as downloads and as images, and who hands them out. */
export { type Downloads, downloads, serveDownloads } from "./downloads";
export { clientImage, type Image, imagesOf, type ImageStore } from "./images";
export { serveRegistry } from "./registry";
export { type NodeProgram, type NodeTools, nodeTools, reasonNoNodeTools } from "./tools";
