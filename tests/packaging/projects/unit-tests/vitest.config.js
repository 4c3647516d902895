// A machine under load is no fault of the package.
export default { test: { testTimeout: 30_000 } };
