export default { server: { proxy: { '/api/whatsapp': { target: process.env.GATEWAY } } } };
