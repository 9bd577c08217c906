/**
 * Runs `work` while this process alone holds the lock `file`.
 * `onWait` is told once, with the owner's process id, when another process holds it.
 */
export declare function withLock<T>(
    file: string,
    work: () => Promise<T> | T,
    onWait?: (pid: number) => void,
): Promise<T>;
