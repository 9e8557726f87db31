/** The public API of the training core: what verticals, apps and the command line may use. */
export {};
