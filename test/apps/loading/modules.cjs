// No server: prints which of Node's own modules are loaded.
console.log(process.moduleLoadList.join());
