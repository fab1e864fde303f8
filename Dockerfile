# The command in a container. Cells run in environments inside it, on the CPU; of the network it needs a package index alone.
#
#   npm pack && docker build --tag peft-matrix .
#   docker run --rm --volume peft-matrix:/cache --volume "$PWD:/work" --user "$(id -u)" peft-matrix run my-stack.yaml
#
# git, for bisecting commits, is not in it: build FROM it.
ARG NODE_IMAGE=node:24-bookworm-slim@sha256:6f7b03f7c2c8e2e784dcf9295400527b9b1270fd37b7e9a7285cf83b6951452d
ARG PYTHON_IMAGE=python:3.11-slim-bookworm@sha256:a36c24f9cbdf4fd0f52d67f0823eeac19c2028c637cecc392d97f980d4fec56b

FROM ${NODE_IMAGE} AS package
COPY peft-matrix-*.tgz /package/
RUN npm install --prefix /opt/peft-matrix --ignore-scripts --no-audit --no-fund /package/*.tgz

FROM ${PYTHON_IMAGE}
COPY --from=package /usr/local/bin/node /usr/local/bin/node
COPY --from=package /opt/peft-matrix /opt/peft-matrix
# Anybody may run it, so that what it leaves in /work belongs to whoever started it.
RUN ln -s /opt/peft-matrix/node_modules/.bin/peft-matrix /usr/local/bin/peft-matrix && mkdir -m 1777 /cache /work
# torch asks for a name, which a user of another machine does not have here.
ENV HOME=/cache XDG_CACHE_HOME=/cache USER=peft-matrix
USER 65532:65532
WORKDIR /work
ENTRYPOINT ["peft-matrix"]
